/** The cases of test/fixtures/conformance: objects and expectations of kube-proxy's own tests, as facts in our own JSON. */

import { readdirSync, readFileSync } from "node:fs";
import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import type { InterfaceAddress, NetworkInterface, NodeNetwork, Route } from "../../src/network/types.ts";
import { proxyNode } from "../../src/proxy/node.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";

const ROOT = new URL("../fixtures/conformance/", import.meta.url);

export interface ProxyCase {
  readonly source: { readonly test: string; readonly config?: string | null; readonly step?: unknown };
  readonly proxy: {
    readonly mode: ProxyConfiguration["mode"];
    readonly nodeName: string;
    readonly nodeIPs: readonly string[];
    readonly interfaces: readonly { readonly name: string; readonly addresses: readonly string[] }[];
    readonly nodePortAddresses: readonly string[] | null;
    readonly detectLocal: { readonly mode: string; readonly cidr?: string };
    readonly masqueradeAll: boolean;
    readonly masqueradeMark: string;
    readonly serviceCIDRs: readonly string[];
    readonly localhostNodePorts?: boolean;
  };
  readonly objects: readonly unknown[];
}

export interface CaseInput {
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  readonly configuration: ProxyConfiguration;
}

/** Names of the files of a folder of the fixtures that begin so. */
export function caseFiles(folder: string, beginning: string): string[] {
  return readdirSync(new URL(folder, ROOT)).filter((name) => name.startsWith(beginning));
}

export function readCase<Case>(path: string): Case {
  return JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));
}

/** What a proxier of the case's configuration is given. Throws where the case's objects are not understood. */
export function caseInput({ proxy, objects }: ProxyCase): CaseInput {
  const cluster = clusterOfObjects(objects);
  const node = proxyNode(cluster, proxy.nodeName);
  if (node === undefined) throw new Error(`no Node "${proxy.nodeName}"`);
  return {
    cluster: { ...cluster, serviceCidrs: proxy.serviceCIDRs },
    node: { ...node, interfaceAddresses: proxy.nodeIPs },
    configuration: {
      mode: proxy.mode,
      detectLocalMode: proxy.detectLocal.mode === "ClusterCIDR" ? "ClusterCIDR" : "None",
      clusterCidrs: proxy.detectLocal.cidr === undefined ? [] : [proxy.detectLocal.cidr],
      nodePortAddresses: proxy.nodePortAddresses ?? [],
      masqueradeAll: proxy.masqueradeAll,
      masqueradeBit: Math.log2(Number(proxy.masqueradeMark)),
      localhostNodePorts: proxy.localhostNodePorts ?? false,
    },
  };
}

/** Throws where an object is not understood. */
export function clusterOfObjects(objects: readonly unknown[]): Cluster {
  const items = objects.map(admissible);
  const manifests = parseManifests(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "objects.json");
  const { cluster, problems } = buildCluster(manifests);
  const [problem] = [...manifests.problems, ...problems].filter(({ severity }) => severity === "error");
  if (problem !== undefined) throw new Error(problem.message);
  return cluster;
}

interface Spec {
  readonly type?: string;
  readonly externalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly ports?: readonly { readonly nodePort?: number }[];
}

/**
 * kube-proxy's tests bypass the API server. It would refuse a health check port where none is wanted, and find a nodePort
 * where none is named; kube-proxy looks at neither the one nor the type.
 */
function admissible(object: unknown): unknown {
  const { spec, ...rest } = object as { readonly spec?: Spec };
  if (spec === undefined) return object;
  const { healthCheckNodePort, ...others } = spec;
  const isLocal = spec.externalTrafficPolicy === "Local" && healthCheckNodePort !== undefined;
  const isNamed = spec.type !== "NodePort" || spec.ports?.every(({ nodePort }) => nodePort !== undefined);
  const type = isNamed ? spec.type : "ClusterIP";
  return { ...rest, spec: { ...others, type, ...(isLocal ? { healthCheckNodePort } : {}) } };
}

export const POD_LINK = "cni0";
export const UPLINK = "eth0";
const POD_PREFIXES = ["10.0.0.0/8", "fd00:10::/32"];
const ANYWHERE = ["0.0.0.0/0", "::/0"];

/** The case's node, which has the pods behind a link without addresses and all the rest behind its uplink. */
export function caseNetwork({
  interfaces,
  localhostNodePorts,
}: Pick<ProxyCase["proxy"], "interfaces" | "localhostNodePorts">): NodeNetwork {
  const devices = [...interfaces, { name: POD_LINK, addresses: [] }].map(device);
  const own = devices.flatMap(({ name, addresses }) =>
    addresses.map(({ address, prefixLength }) =>
      route("local", `${address}/${name === "lo" ? prefixLength : bitsOf(address)}`, name),
    ),
  );
  return {
    interfaces: devices,
    routes: [
      ...own,
      ...POD_PREFIXES.map((prefix) => route("unicast", prefix, POD_LINK)),
      ...ANYWHERE.map((prefix) => route("unicast", prefix, UPLINK)),
    ],
    neighbours: [],
    sysctls: {
      "net.ipv4.ip_forward": "1",
      "net.ipv6.conf.all.forwarding": "1",
      // As kube-proxy sets it where it serves nodePorts on localhost.
      "net.ipv4.conf.all.route_localnet": localhostNodePorts ? "1" : "0",
      // A packet of one case may leave where it came in: nothing is to be said about that.
      "net.ipv4.conf.all.send_redirects": "0",
      "net.ipv4.conf.default.send_redirects": "0",
      // Each of the attempts, made in one instant, is told of its rejection.
      "net.ipv4.icmp_ratemask": "0",
      "net.ipv6.icmp.ratemask": "",
    },
    sockets: [],
    kind: "node",
    linkAddresses: false,
  };
}

function device({ name, addresses }: ProxyCase["proxy"]["interfaces"][number], index: number): NetworkInterface {
  const loopback = name === "lo";
  return {
    name,
    index: index + 1,
    mtu: 1500,
    loopback,
    up: true,
    linkType: loopback ? "loopback" : "none",
    addresses: addresses.map((text) => interfaceAddress(text, loopback)),
  };
}

function interfaceAddress(text: string, loopback: boolean): InterfaceAddress {
  const [address = "", length] = text.split("/");
  return { address, prefixLength: Number(length), scope: loopback ? "host" : "global", secondary: false };
}

function route(type: "local" | "unicast", destination: string, link: string): Route {
  return { type, destination, interface: link, table: type === "local" ? "local" : "main", metric: 0 };
}

function bitsOf(address: string): number {
  return address.includes(":") ? 128 : 32;
}
