/** A trace names the chains and rules that `nft monitor trace` names, in the same order, with the same verdicts. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { prepareProgram } from "../../src/library/setup.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import { INVALID_COUNTER, LOCALHOST_COUNTER } from "../../src/proxy/iptables/names.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { type TraceContext, traceContext } from "../../src/trace/context.ts";
import { packetWalks } from "../../src/trace/events.ts";
import { takeRecords } from "../../src/trace/records.ts";
import type { TraceEvent } from "../../src/trace/types.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { KernelTrace, type KernelTraceEvent, UNKNOWN } from "../support/kernel-trace.ts";
import { clusterOf } from "../support/proxy.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import { Conversation, type Ends, playTcp, segments, type Turn } from "./conversation.ts";
import { readRules } from "./iptables-rules.ts";
import { kubeProxy, kubeProxyDroppingInvalid, refusing, resettingInvalid, sourcePorts, translating } from "./rules.ts";
import { CLUSTER, EMPTY, FAMILIES, type Family, PROXY_CONFIGURATION, PROXY_NODE, WEB } from "./services.ts";
import { CLIENT, type Host, LINKS, NODE, POD, POD_NARROW, ROUTES } from "./world.ts";

const TRACE_BYTES = 1 << 22;
const NOTHING = clusterOf([], []);
/** Packets to these ports say where in the kernel's trace a turn ends. */
let nextMark = 50000;
const WHOLE_TALK = segments("> S", "< SA", "> A", "> PA 100", "< PA 1000", "> FA", "< FA", "> A");

interface Rules {
  readonly name: string;
  readonly ruleset: Ruleset;
  readonly tool?: "iptables";
}

const RULES: readonly Rules[] = [
  { name: "kube-proxy, nftables mode", ruleset: kubeProxy() },
  { name: "kube-proxy, nftables mode, and a chain that drops what is invalid", ruleset: kubeProxyDroppingInvalid() },
  {
    name: "kube-proxy, iptables mode",
    ruleset: generateIptables(CLUSTER, PROXY_NODE, { ...PROXY_CONFIGURATION, mode: "iptables" }),
    tool: "iptables",
  },
  ...["docker", "flannel", "istio", "kubelet-cilium", "ufw"].map(savedRules),
  { name: "a range of source ports", ruleset: translating(sourcePorts(40000, 40010)) },
  { name: "refusals", ruleset: refusing([{ type: "tcp reset" }, { type: "icmpx", code: "port-unreachable" }]) },
  { name: "a reset for what is invalid", ruleset: resettingInvalid() },
];

/** Rules of a program that puts them on nodes, as iptables-save printed them. */
function savedRules(name: string): Rules {
  const file = fileURLToPath(new URL(`../fixtures/rulesets/${name}.iptables-save`, import.meta.url));
  return { name: `${name}'s iptables rules`, ruleset: readRules(readFileSync(file, "utf8"), "ip4"), tool: "iptables" };
}

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort: number): Ends {
  return { src: client[family], dst: target[family], srcPort: 40000, dstPort };
}

/** Packets of every sort: to Services and past them, of new, open and no connections, refused, invalid, pings. */
function talkOfAll(talk: Conversation, family: Family): void {
  playTcp(talk, { client: POD_NARROW, server: POD }, ends(POD_NARROW, WEB, family, WEB.port), WHOLE_TALK);
  playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, NODE, family, WEB.nodePort), WHOLE_TALK);
  playTcp(talk, { client: POD, server: POD }, ends(POD, WEB, family, WEB.port), segments("> S", "< SA"));
  for (const [host, target, port] of [
    [POD_NARROW, EMPTY, EMPTY.port],
    [CLIENT, NODE, EMPTY.nodePort],
    [CLIENT, NODE, 7000],
    [CLIENT, NODE, 22],
    [CLIENT, POD, 9000],
    [CLIENT, POD, 9001],
  ] as const) {
    const own = { ...ends(host, target, family, port), srcPort: 45000 };
    talk.say(host, own, tcp({ src: own.srcPort, dst: port, flags: "S" }));
    talk.say(host, own, udp({ src: own.srcPort, dst: port }));
  }
  for (const flags of ["", "SF"]) {
    const own = ends(CLIENT, POD, family, 80);
    talk.say(CLIENT, own, tcp({ src: own.srcPort, dst: 80, flags }));
  }
  const echo = family === "ip4" ? icmp4(8, 0, 0x10001) : icmp6(128, 0, 0x10001);
  for (const target of [POD, NODE, WEB]) talk.say(CLIENT, ends(CLIENT, target, family, 0), echo);
}

for (const rules of RULES) {
  describeKernel(`the trace of ${rules.name}`, () => {
    let kernel: KernelNode;
    let monitor: KernelTrace;
    beforeAll(() => {
      kernel = new KernelNode({ links: LINKS, routes: ROUTES });
      load(kernel, rules);
      monitor = new KernelTrace(kernel);
    });
    afterAll(() => {
      monitor?.close();
      kernel?.close();
    });

    for (const family of FAMILIES) {
      it(`is the kernel's, packet by packet (${family})`, async () => {
        kernel.forget();
        const engine = await TracingEngine.create(kernel, rules.ruleset);
        const { turns, marks } = play(kernel, monitor, family);
        for (const [index, turn] of turns.entries()) {
          const expected = monitor.between(marks[index] ?? "", marks[index + 1] ?? "");
          const place = `turn ${index + 1} of ${turns.length}`;
          expect(engine.trace(turn, expected), place).toEqual(expected.map((events) => events.map(lineOf)));
        }
        expect(turns.length).toBeGreaterThan(20);
      });
    }
  });
}

function load(kernel: KernelNode, { ruleset, tool }: Rules): void {
  if (tool === undefined) kernel.loadRules(rulesetText(ruleset));
  else {
    const counters = [INVALID_COUNTER, LOCALHOST_COUNTER];
    kernel.restoreIptables(iptablesText(ruleset, "ip"), iptablesText(ruleset, "ip6"), counters);
  }
}

/** All packets, and before and behind each a mark in the kernel's trace. */
function play(kernel: KernelNode, monitor: KernelTrace, family: Family): { turns: readonly Turn[]; marks: string[] } {
  const marks: string[] = [];
  const mark = () => {
    const port = nextMark++;
    marks.push(`udp dport ${port} `);
    monitor.awaitMark(`udp dport ${port} `, () => {
      new Conversation(kernel).say(CLIENT, ends(CLIENT, POD, family, port), udp({ src: 40000, dst: port }));
    });
  };
  mark();
  const talk = new Conversation({
    inject: (link, frame) => {
      const sent = kernel.inject(link, frame);
      mark();
      return sent;
    },
  });
  talkOfAll(talk, family);
  return { turns: talk.turns, marks };
}

/** An engine that traces every packet, and takes the choices that the kernel has made. */
class TracingEngine {
  readonly #node: EngineNode;
  readonly #context: TraceContext;

  private constructor(node: EngineNode, context: TraceContext) {
    this.#node = node;
    this.#context = context;
  }

  static async create(kernel: KernelNode, ruleset: Ruleset): Promise<TracingEngine> {
    const { network } = networkFrom(kernel.snapshot(), deriveNetwork(NOTHING, ""));
    const node = await EngineNode.create({ ruleset, network, sizes: { traceBytes: TRACE_BYTES } });
    node.engine.setField(Layout.FLAGS, node.engine.field(Layout.FLAGS) | Layout.ENGINE_TRACE);
    return new TracingEngine(node, traceContext(prepareProgram(NOTHING, ruleset, network), ruleset));
  }

  /** In lines as lineOf() makes them; where the kernel's trace does not say which rule it was, neither do these. */
  trace({ link, frame, time, sent }: Turn, kernels: readonly (readonly KernelTraceEvent[])[]): string[][] {
    this.#node.inject(link, frame, time, sent);
    const { records, lost } = takeRecords(this.#node.engine);
    expect(lost).toBe(0);
    return packetWalks(this.#context, records).map(({ events }, packet) =>
      told(events).map((event, index) => {
        const isUnknown = kernels[packet]?.[index]?.verdict === UNKNOWN;
        return lineOf(isUnknown ? { chain: event.chain, verdict: UNKNOWN } : event);
      }),
    );
  }
}

/** What nft tells: rules that were carried out, and policies. A rule that rejects drops. */
function told(events: readonly TraceEvent[]): readonly KernelTraceEvent[] {
  return events.flatMap((event): KernelTraceEvent[] => {
    if (event.kind !== "policy" && event.kind !== "rule") return [];
    const chain = `${event.family} ${event.table} ${event.chain}`;
    if (event.kind !== "rule") return [{ chain, verdict: event.verdict }];
    if (!event.matched) return [];
    const verdict = event.verdict === "reject" ? "drop" : (event.verdict ?? "");
    return [{ chain, index: event.index, text: event.text, verdict }];
  });
}

/** kube-proxy's rules for nft are compared by their text, too; for others nft has more than one way to say the same. */
function lineOf({ chain, index, text = "", verdict }: KernelTraceEvent): string {
  if (index === undefined) return `${chain}: ${verdict}`;
  const isCompared = chain.includes(" kube-proxy ");
  return `${chain} rule ${index}: ${isCompared ? text : ""} (${verdict})`;
}
