/** Programs as a reader of the README would write them: a manifest, a packet, and where it goes. */

export const MANIFEST = `
apiVersion: v1
kind: Node
metadata: {name: node1}
spec: {podCIDR: 10.244.1.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.10, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.244.1.20], nodeName: node1, conditions: {ready: true}}]
`;

/** A SYN from pod 10.244.1.30, port 40000, to 10.96.0.10, port 80; checksums are right. */
export const SYN = "4500002800010000400664540af4011e0a60000a9c40005000000001000000005002fffffcd50000";

/** What all of them print. */
export const PRINTED = "10.244.1.30:40000 > 10.244.1.20:8080";

const BODY = `
const syn = Uint8Array.from(SYN.match(/../g), (byte) => Number.parseInt(byte, 16));
const { packet } = node.process(syn, { interface: "cni0" });
const address = (at) => packet.subarray(at, at + 4).join(".");
const port = (at) => packet[at] * 256 + packet[at + 1];
const text = \`\${address(12)}:\${port(20)} > \${address(16)}:\${port(22)}\`;
`;

const CONSTANTS = `const MANIFEST = ${JSON.stringify(MANIFEST)};\nconst SYN = ${JSON.stringify(SYN)};\n`;

/** In Node, the package finds its Wasm by itself. */
export const NODE_PROGRAM = `import { Node } from "sluice";
${CONSTANTS}
const node = await Node.create({ manifests: MANIFEST });
${BODY}
console.log(text);
`;

/**
 * In a page. Bundlers that know \`new URL("…", import.meta.url)\` (Vite, webpack, Rollup's and Parcel's plugins) need
 * nothing; with esbuild the Wasm is imported as a file and handed over.
 */
export const PAGE_PROGRAM = `import { Node } from "sluice";
import engine from "sluice/engine.wasm";
${CONSTANTS}
const node = await Node.create({ manifests: MANIFEST, engine: fetch(engine) });
${BODY}
document.title = text;
`;

/** Where the Wasm lies beside the code at the place that the package expects, nothing is handed over. */
export const PLAIN_PAGE_PROGRAM = PAGE_PROGRAM.replace(/import engine.*\n/, "").replace(", engine: fetch(engine)", "");

/** Types as a strict program sees them. */
export const TYPED_PROGRAM = `import { Cluster, InputError, Node, type NodeOptions, type ProcessResult, replay, type Report, Ruleset } from "sluice";
import { loadCluster, loadSnapshot, openCaptureFile } from "sluice/node";

const options: NodeOptions = { manifests: "", seed: 1n };
const node = await Node.create(options);
const result: ProcessResult = node.process(new Uint8Array(20), { interface: "eth0", time: 1n });
const verdict: string = result.verdict;
const cluster: Cluster = await loadCluster("manifests");
const ruleset: Ruleset = Ruleset.generate(cluster, { network: await loadSnapshot("snapshot", cluster) });
const { report } = await replay({ manifests: cluster, ruleset, captures: [await openCaptureFile("a.pcap")] });
const seen: Report = report;
export { InputError, node, seen, verdict };
// @ts-expect-error a packet is bytes
node.process("packet");
`;
