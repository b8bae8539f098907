/** What a trace says of single rules, as nft itself reads them: what was compared with what, and what was done. */

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { prepareProgram } from "../../src/library/setup.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { traceContext } from "../../src/trace/context.ts";
import { packetWalks } from "../../src/trace/events.ts";
import { takeRecords } from "../../src/trace/records.ts";
import type { RuleEvent, RuleStep } from "../../src/trace/types.ts";
import { worldNetwork } from "../model/network.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { frame, ip } from "../support/packet.ts";
import { clusterOf } from "../support/proxy.ts";
import { tcp, udp } from "../support/transport.ts";
import { NODE_MACS, POD, POD_NARROW } from "./world.ts";

const TRACE_BYTES = 1 << 20;
/** Tuesday, 2023-11-14 22:13:20 UTC. */
const START = 1_700_000_000_000_000_000n;
const TCP_OPTIONS = Uint8Array.of(2, 4, 0x05, 0xb4, 4, 2, 1, 1);

/** A rule, whether it matches, and its steps: "left: value operator right". */
type Row = readonly [rule: string, matched: boolean, ...steps: string[]];

const OF_TCP: readonly Row[] = [
  ["ip dscp cs1", true, "ip dscp: cs1 == cs1"],
  ["ip ecn ce", false, "ip ecn: not-ect == ce"],
  ["ip frag-off & 0x1fff != 0", false, "ip frag-off & 0x00001fff: 0x00000000 != 0x00000000"],
  ["ip ttl 1-9", false, "ip ttl: 63 in 1-9"],
  ["ether saddr 02:00:00:00:03:10", true, "ether saddr: 02:00:00:00:03:10 == 02:00:00:00:03:10"],
  ["@nh,64,8 0x3f", true, "ip ttl: 63 == 63"],
  ["@th,36,4 3", false, "@th,32,8 & 0x0000000f: 0x00000000 == 0x00000003"],
  ["tcp option maxseg size > 1400", true, "tcp option maxseg size: 1460 > 1400"],
  ["tcp option sack-perm exists", true, "tcp option sack-perm: exists == exists"],
  ["tcp option timestamp tsval 1", false, "tcp option timestamp tsval: not there is there"],
  ["ip option rr exists", false, "ip option rr: missing == exists"],
  ["meta mark & 0xff == 1", false, "meta mark & 0x000000ff: 0x00000000 == 0x00000001"],
  ["meta protocol ip", true, "meta protocol: ip == ip"],
  ["meta day Sunday", false, "meta day: Tuesday == Sunday"],
  ["meta skuid 0", false, "a socket: not there is there"],
  ["meta l4proto tcp ct original proto-dst 80", true, "ct original proto-dst: 80 == 80"],
  ["ct original packets > 5", false, "ct original packets: 1 > 5"],
  ["ct zone 3", false, "ct zone: 0 == 3"],
  ["ct l3proto ipv4", true, "ct l3proto: ipv4 == ipv4"],
  ["limit rate 10/minute burst 7 packets", true, "limit rate 10/minute burst 7 packets: within is within"],
  ["limit rate over 10/minute", false, "limit rate 10/minute: within is beyond"],
  ["limit rate 2 kbytes/second", true, "limit rate 2048 bytes/second: within is within"],
  ["quota over 1 kbytes", false, "quota 1 kbytes: within is beyond"],
  ["jhash ip saddr . ip daddr mod 1 seed 0x7 == 1", false, "jhash ip saddr . ip daddr mod 1 seed 0x7: 0 == 1"],
  ["ct mark set ip dscp map { cs1 : 5 }", true, "ip dscp: cs1 map { … } found cs1 : 5", "ct mark set: 0x00000005"],
  ["rt ip nexthop 10.244.2.10", true, "rt ip nexthop: 10.244.2.10 == 10.244.2.10"],
  ["ip ttl set 9", true, "ip ttl set: 9"],
  ["ip dscp set cs3", true, "ip dscp set: cs3"],
  ["tcp option maxseg size set 1300", true, "tcp option maxseg size set: 1300, where the packet has it"],
  ["tcp option timestamp tsval set 3", true, "tcp option timestamp tsval set: 3, where the packet has it"],
  ["reset tcp option sack-perm", true, "reset tcp option sack-perm: padding, where the packet has it"],
];

const OF_UDP6: readonly Row[] = [
  ["exthdr hbh exists", false, "hbh: missing == exists"],
  ["frag id 3", false, "frag id: not there is there"],
  ["ip6 flowlabel 5", false, "ip6 flowlabel: 0 == 5"],
  ["udp length set 9", true, "udp length set: 9"],
];

const TALKS = [
  {
    name: "a segment",
    rows: OF_TCP,
    packet: ip(
      { src: POD.ip4, dst: POD_NARROW.ip4, tos: 0x20 },
      tcp({ src: 40000, dst: 80, flags: "S", options: TCP_OPTIONS }),
    ),
  },
  {
    name: "a datagram over IPv6",
    rows: OF_UDP6,
    packet: ip({ src: POD.ip6, dst: POD_NARROW.ip6 }, udp({ src: 1, dst: 2 })),
  },
];

for (const { name, rows, packet } of TALKS) {
  describeKernel(`the words for what rules do to ${name}`, () => {
    it("say what it compares and does", async () => {
      const rules = await tracedRules(rows, packet);
      const told = rules.map(({ matched, steps }) => [
        matched,
        ...steps.map(stepText).filter((step) => !isImplied(step)),
      ]);
      expect(told).toEqual(rows.map(([, ...row]) => row));
    });
  });
}

/** What nft asks before a field is there at all. */
function isImplied(step: string): boolean {
  return /^meta (nfproto: ipv.|l4proto: (tcp|udp)) == /.test(step);
}

function stepText({ left, value, operator, right, element }: RuleStep): string {
  const compared = operator === undefined ? "" : ` ${operator} ${right}`;
  return `${left}: ${value}${compared}${element === undefined ? "" : ` found ${element}`}`;
}

/** All rules in one chain, which the packet meets on its way. */
async function tracedRules(rows: readonly Row[], packet: Uint8Array): Promise<readonly RuleEvent[]> {
  const lines = rows.map(([rule]) => rule).join("\n");
  const ruleset = readRules(`table inet t {\n chain c {\n type filter hook forward priority 0;\n ${lines}\n }\n}\n`);
  const network = worldNetwork();
  const node = await EngineNode.create({ ruleset, network, sizes: { traceBytes: TRACE_BYTES } });
  node.engine.setField(Layout.FLAGS, node.engine.field(Layout.FLAGS) | Layout.ENGINE_TRACE);
  node.inject("pod0", frame(POD.mac, NODE_MACS.pod0, packet), START);
  const context = traceContext(prepareProgram(clusterOf([], []), ruleset, network), ruleset);
  const [walk] = packetWalks(context, takeRecords(node.engine).records);
  return walk?.events.filter((event) => event.kind === "rule") ?? [];
}

function readRules(rules: string) {
  const script = "nft -f - && nft -j list ruleset";
  const input = execFileSync("unshare", ["--net", "sh", "-c", script], { input: rules, encoding: "utf8" });
  const { ruleset, problems } = readNftJson(input, "nft");
  expect(problems).toEqual([]);
  return ruleset;
}
