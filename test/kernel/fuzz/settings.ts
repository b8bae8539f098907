/** The nodes on which traffic is fuzzed: rules, switches, and where there is something to be hit. */

import { execFileSync } from "node:child_process";
import type { NodeNetwork } from "../../../src/network/types.ts";
import { generateIptables } from "../../../src/proxy/iptables/ruleset.ts";
import { generateNftables } from "../../../src/proxy/nftables/ruleset.ts";
import { readNftJson } from "../../../src/ruleset/nft-json.ts";
import type { Ruleset } from "../../../src/ruleset/types.ts";
import type { KernelNode } from "../../support/kernel-node.ts";
import { EMPTY, NARROW, PROXY_CONFIGURATION, PROXY_NODE, TWINS, UNALLOCATED, WEB } from "../services.ts";
import { kernelOf, networkOf, type Setting } from "../setting.ts";
import { NODE, POD, POD_NARROW } from "../world.ts";
import { AFFINE_NUMBER, ALL_KINDS, clusterIpsOf, LAST_NUMBERS, nodePortOf } from "./rulesets/cluster.ts";
import { counted } from "./rulesets/counted.ts";
import { MARKS, NO_RULES, NOTRACK, REFUSING, TRACKING } from "./rulesets/filter.ts";
import { EMPTY_NAT, HAIRPIN, MASQUERADE, NULL_BINDINGS, PREFIXES, RANGES, REDIRECT } from "./rulesets/nat.ts";

/** Where packets are sent: an address of each family, and one of the ports. */
export interface Target {
  readonly ip4: string;
  readonly ip6: string;
  readonly ports: readonly number[];
}

interface Definition {
  readonly name: string;
  /** As nft takes them, or made. */
  readonly rules: string | (() => Ruleset);
  readonly targets: readonly Target[];
  /** Where Services remember their clients. */
  readonly affine?: readonly Target[];
  readonly sysctls?: Setting["sysctls"];
  readonly routes?: readonly string[];
  readonly tool?: "nft" | "iptables";
}

/** Connections count what they carry; fragments that never get whole say nothing while a conversation lasts. */
const SYSCTLS = {
  "net.netfilter.nf_conntrack_acct": 1,
  "net.ipv4.ipfrag_time": 600,
  "net.ipv6.ip6frag_time": 600,
  "net.netfilter.nf_conntrack_frag6_timeout": 600,
} as const;

/** Timeouts that a conversation can wait for. */
const SHORT_TIMEOUTS = Object.fromEntries(
  [
    ["tcp_timeout_syn_sent", 1],
    ["tcp_timeout_syn_recv", 1],
    ["tcp_timeout_established", 2],
    ["tcp_timeout_fin_wait", 2],
    ["tcp_timeout_close_wait", 1],
    ["tcp_timeout_last_ack", 1],
    ["tcp_timeout_time_wait", 2],
    ["tcp_timeout_close", 1],
    ["tcp_timeout_max_retrans", 1],
    ["tcp_timeout_unacknowledged", 1],
    ["udp_timeout", 1],
    ["udp_timeout_stream", 2],
    ["icmp_timeout", 1],
    ["icmpv6_timeout", 1],
    ["generic_timeout", 1],
  ].map(([name, seconds]) => [`net.netfilter.nf_conntrack_${name}`, Number(seconds)]),
);

const OWN_PORTS: Target = { ...NODE, ports: [7000, 7000, 7001, 7001, 7002, 7003, 7004, 7005, 7010, 22] };
const PODS: readonly Target[] = [
  { ...POD, ports: [7000, 7001, 8080] },
  { ...POD_NARROW, ports: [7000, 8080] },
];
const BEYOND: Target = { ip4: "198.51.100.1", ip6: "2001:db8:1::1", ports: [7000, 7001, 7003, 40000] };
const PORTS: readonly Target[] = [OWN_PORTS, OWN_PORTS, OWN_PORTS, ...PODS, BEYOND];
/** Pods under the addresses of networks that stand for theirs, and hosts of those networks that nobody has. */
const PREFIXED: readonly Target[] = [10, 11, 10, 138, 200].map((last) => ({
  ip4: `198.51.100.${last}`,
  ip6: `2001:db8:${last === 138 ? 2 : 1}::${last}`,
  ports: [7000, 7001, 8080],
}));
const REFUSED: readonly Target[] = [POD, POD_NARROW, NODE].map(({ ip4, ip6 }) => ({
  ip4,
  ip6,
  ports: Array.from({ length: 11 }, (_, n) => 9000 + n),
}));

const SERVICES: readonly Target[] = [
  ...[WEB, TWINS, NARROW, EMPTY].map(({ ip4, ip6 }) => ({ ip4, ip6, ports: [80, 80, 80, 81] })),
  ...LAST_NUMBERS.map((last) => ({ ...clusterIpsOf(last), ports: [80] })),
  { ...NODE, ports: [WEB.nodePort, NARROW.nodePort, EMPTY.nodePort, ...LAST_NUMBERS.map(nodePortOf), 22] },
  ...[60, 80, 81].map((last) => ({ ip4: `198.51.100.${last}`, ip6: `2001:db8:1::${last}`, ports: [80, 81] })),
  { ...UNALLOCATED, ports: [80] },
  ...PODS,
];

const AFFINE: readonly Target[] = [
  { ...clusterIpsOf(AFFINE_NUMBER), ports: [80] },
  { ...NODE, ports: [nodePortOf(AFFINE_NUMBER)] },
];

const nftables = () => generateNftables(ALL_KINDS, PROXY_NODE, PROXY_CONFIGURATION);
const iptables = () => generateIptables(ALL_KINDS, PROXY_NODE, { ...PROXY_CONFIGURATION, mode: "iptables" });

const DEFINITIONS: readonly Definition[] = [
  { name: "kube-proxy-nftables", rules: nftables, targets: SERVICES, affine: AFFINE },
  { name: "kube-proxy-nftables-counted", rules: () => counted(nftables()), targets: SERVICES, affine: AFFINE },
  { name: "kube-proxy-iptables", rules: iptables, tool: "iptables", targets: SERVICES, affine: AFFINE },
  { name: "masquerade", rules: MASQUERADE, targets: PORTS },
  { name: "ranges", rules: RANGES, targets: PORTS },
  { name: "prefixes", rules: PREFIXES, targets: [...PREFIXED, ...PORTS] },
  { name: "redirect", rules: REDIRECT, targets: PORTS },
  { name: "hairpin", rules: HAIRPIN, targets: PORTS },
  { name: "null-bindings", rules: NULL_BINDINGS, targets: PORTS },
  { name: "empty-nat", rules: EMPTY_NAT, targets: PORTS },
  { name: "refusing", rules: REFUSING, targets: [...REFUSED, ...PORTS] },
  { name: "notrack", rules: NOTRACK, targets: PORTS },
  { name: "marks", rules: MARKS, targets: PORTS },
  { name: "tracking", rules: TRACKING, targets: PORTS },
  { name: "no-rules", rules: NO_RULES, targets: PORTS },
  {
    name: "routes",
    rules: TRACKING,
    targets: [
      ...PORTS,
      { ip4: "198.18.0.1", ip6: "fd00:18::1", ports: [7000] },
      { ip4: "198.18.1.1", ip6: "fd00:18:1::1", ports: [7000] },
      { ip4: "198.18.2.1", ip6: "fd00:18:2::1", ports: [7000] },
    ],
    routes: [
      "blackhole 198.18.2.0/24",
      "unreachable fd00:18::/48",
      "prohibit fd00:18:1::/48",
      "blackhole fd00:18:2::/48",
    ],
  },
  {
    name: "liberal",
    rules: MASQUERADE,
    targets: PORTS,
    sysctls: {
      "net.netfilter.nf_conntrack_tcp_be_liberal": 1,
      "net.netfilter.nf_conntrack_tcp_ignore_invalid_rst": 1,
      "net.netfilter.nf_conntrack_checksum": 0,
    },
  },
  { name: "strict", rules: MASQUERADE, targets: PORTS, sysctls: { "net.netfilter.nf_conntrack_tcp_loose": 0 } },
  { name: "short-timeouts", rules: MASQUERADE, targets: PORTS, sysctls: SHORT_TIMEOUTS },
];

/** A setting to fuzz in. Rules and network are found out once. */
export class Arena {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly affine: readonly Target[];
  /** Conversations wait for deadlines. */
  readonly waits: boolean;
  readonly #setting: Setting;
  readonly #ruleset: Ruleset;
  #network: NodeNetwork | undefined;

  constructor(definition: Definition) {
    const { name, rules, targets, affine = [], sysctls, tool = "nft", routes = [] } = definition;
    this.name = name;
    this.targets = targets;
    this.affine = affine;
    this.waits = sysctls === SHORT_TIMEOUTS;
    const ruleset = typeof rules === "string" ? readRules(rules) : rules();
    this.#ruleset = tool === "iptables" ? counted(ruleset) : ruleset;
    this.#setting = {
      ruleset,
      ...(typeof rules === "string" && { text: rules }),
      tool,
      routes,
      sysctls: { ...SYSCTLS, ...sysctls },
    };
  }

  /** The engine's rules: as the kernel's, and where those count by themselves, with counters. */
  get ruleset(): Ruleset {
    return this.#ruleset;
  }

  get tool(): "nft" | "iptables" {
    return this.#setting.tool ?? "nft";
  }

  kernel(): KernelNode {
    return kernelOf(this.#setting);
  }

  /** The same for every kernel of the arena. */
  network(kernel: KernelNode): NodeNetwork {
    this.#network ??= networkOf(kernel);
    return this.#network;
  }
}

export const ARENA_NAMES: readonly string[] = DEFINITIONS.map(({ name }) => name);

export function arenaOf(name: string): Arena {
  const definition = DEFINITIONS.find((one) => one.name === name);
  if (definition === undefined) throw new Error(`there is no ruleset "${name}"; there are ${ARENA_NAMES.join(", ")}`);
  return new Arena(definition);
}

/** Rules in nft's language, as nft itself understands them. */
function readRules(text: string): Ruleset {
  const script = "nft -f - && nft -j list ruleset";
  const json = execFileSync("unshare", ["--net", "sh", "-c", script], { input: text, encoding: "utf8" });
  const { ruleset, problems } = readNftJson(json, "nft");
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return ruleset;
}
