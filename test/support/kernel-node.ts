/**
 * A node that is a real Linux kernel: a network namespace that forwards, with links whose far ends are ours. A frame
 * goes in at a far end, and what the node sends because of it is read at all far ends. The kernel handles a frame on
 * the CPU that sent it, mostly before send() returns; an ARP probe sent behind it tells when it surely has: probes
 * queue up behind frames, and the answer's target address carries the probe's number.
 */

import { execFileSync } from "node:child_process";
import { FrameSocket, pinToOneCpu } from "./kernel-libc.ts";
import { isAnswer, isChatter, probe } from "./kernel-probe.ts";

export interface KernelLink {
  readonly name: string;
  /** The node's link address. */
  readonly mac: string;
  /** The node's addresses, "10.244.1.1/24"; the first must be of IPv4, the probe asks for it. */
  readonly addresses: readonly string[];
  readonly neighbours: Readonly<Record<string, string>>;
  readonly mtu?: number;
}

export interface KernelNodeOptions {
  readonly links: readonly KernelLink[];
  /** As `ip route add` takes them: "default via 192.168.10.1". */
  readonly routes?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** As `nft -f` takes them. */
  readonly rules?: string;
}

/** A frame that left the node, and on which link. */
export interface Sent {
  readonly link: string;
  readonly frame: Uint8Array;
}

const FAR_MTU = 9000;
const PROBE_TIMEOUT_MS = 2000;
const OFFLOADS = ["tx", "off", "rx", "off", "sg", "off", "tso", "off", "gso", "off", "gro", "off"];

/** Nothing that comes by itself, nothing that depends on how fast packets come. */
const QUIET_SYSCTLS: Readonly<Record<string, string | number>> = {
  "net.ipv4.ip_forward": 1,
  "net.ipv4.conf.all.rp_filter": 0,
  "net.ipv4.conf.default.rp_filter": 0,
  "net.ipv4.conf.all.send_redirects": 0,
  "net.ipv4.conf.default.send_redirects": 0,
  "net.ipv4.icmp_ratemask": 0,
  "net.ipv4.icmp_msgs_per_sec": 1000000,
  "net.ipv4.icmp_msgs_burst": 1000000,
  "net.ipv6.conf.all.forwarding": 1,
  "net.ipv6.conf.default.forwarding": 1,
  "net.ipv6.conf.default.accept_ra": 0,
  "net.ipv6.conf.default.accept_dad": 0,
  "net.ipv6.conf.default.dad_transmits": 0,
  "net.ipv6.icmp.ratelimit": 0,
  "net.ipv6.auto_flowlabels": 0,
};

let nodesMade = 0;

export class KernelNode {
  readonly namespace: string;
  readonly #far: string;
  readonly #sockets = new Map<string, FrameSocket>();
  readonly #probeTargets = new Map<string, Uint8Array>();
  #probes = 0;

  constructor(options: KernelNodeOptions) {
    const id = `sluice-${process.pid}-${nodesMade++}`;
    this.namespace = `${id}-node`;
    this.#far = `${id}-far`;
    try {
      this.#build(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Sends a frame to the node on a link and returns everything that the node sends because of it, in order per link. */
  inject(link: string, frame: Uint8Array): Sent[] {
    const socket = this.#socket(link);
    socket.send(frame);
    const number = ++this.#probes;
    socket.send(probe(number, this.#probeTargets.get(link)!));
    const sent: Sent[] = [];
    const deadline = Date.now() + PROBE_TIMEOUT_MS;
    for (let answered = false; !answered; ) {
      answered = this.#drain(sent, number);
      if (Date.now() > deadline) throw new Error(`${this.namespace} does not answer on ${link}`);
    }
    return sent;
  }

  /** Replaces all rules. */
  loadRules(rules: string): void {
    this.run("nft", ["-f", "-"], `flush ruleset\n${rules}`);
  }

  /** Adds rules as `iptables-restore` and `ip6tables-restore` take them, and the counters that they name. */
  restoreIptables(ip: string, ip6: string, counters: readonly string[]): void {
    for (const name of counters) this.run("nfacct", ["add", name]);
    this.run("iptables-restore", [], ip);
    this.run("ip6tables-restore", [], ip6);
  }

  /** Forgets all connections, and what ICMP errors have told it of paths. */
  forget(): void {
    this.run("conntrack", ["-F"]);
    this.run("ip", ["route", "flush", "cache"]);
    this.run("ip", ["-6", "route", "flush", "cache"]);
  }

  /** The node's state in the files of a node snapshot: file name → text. */
  snapshot(): Record<string, string> {
    return {
      "link.json": this.run("ip", ["-j", "-d", "link"]),
      "addr.json": this.run("ip", ["-j", "addr"]),
      "route.json": this.run("ip", ["-j", "route", "show", "table", "all"]),
      "route6.json": this.run("ip", ["-j", "-6", "route", "show", "table", "all"]),
      "neigh.json": this.run("ip", ["-j", "neigh"]),
      "rules.nft.json": this.run("nft", ["-j", "list", "ruleset"]),
      "sysctl.txt": this.run("sysctl", ["net.ipv4", "net.ipv6", "net.netfilter"]),
      "conntrack.txt": this.connections(),
    };
  }

  /** The tracked connections as `conntrack -L -o extended` prints them. */
  connections(): string {
    return this.run("conntrack", ["-L", "-o", "extended"]);
  }

  /** Runs a command inside the node and returns what it prints. */
  run(command: string, args: readonly string[], input?: string): string {
    return quiet("ip", ["netns", "exec", this.namespace, command, ...args], input);
  }

  /** Removes the node with everything that belongs to it. May be called at any time, and twice. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
    for (const namespace of [this.namespace, this.#far]) {
      quiet("sh", ["-c", `ip netns del ${namespace} 2>/dev/null || true`]);
    }
  }

  #build(options: KernelNodeOptions): void {
    quiet("ip", ["netns", "add", this.#far]);
    quiet("ip", ["netns", "add", this.namespace]);
    quiet("ip", ["netns", "exec", this.#far, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
    this.#setSysctls(QUIET_SYSCTLS);
    quiet("ip", ["-n", this.namespace, "-batch", "-"], linkCommands(options, this.#far));
    for (const { name } of options.links) {
      this.#setSysctls(noQuestions(name));
      this.run("ethtool", ["-K", name, ...OFFLOADS]);
      quiet("ip", ["netns", "exec", this.#far, "ethtool", "-K", name, ...OFFLOADS]);
      quiet("ip", ["-n", this.#far, "link", "set", name, "mtu", String(FAR_MTU), "arp", "off", "up"]);
    }
    quiet("ip", ["-n", this.namespace, "-batch", "-"], networkCommands(options));
    this.#setSysctls(options.sysctls ?? {});
    if (options.rules !== undefined) this.loadRules(options.rules);
    pinToOneCpu();
    for (const link of options.links) {
      this.#sockets.set(link.name, new FrameSocket(this.#far, link.name));
      this.#probeTargets.set(link.name, Uint8Array.from(link.addresses[0]!.split("/")[0]!.split("."), Number));
    }
  }

  #setSysctls(values: Readonly<Record<string, string | number>>): void {
    const settings = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    if (settings.length > 0) this.run("sysctl", ["-qw", ...settings]);
  }

  #socket(link: string): FrameSocket {
    const socket = this.#sockets.get(link);
    if (socket === undefined) throw new Error(`the node has no link ${link}`);
    return socket;
  }

  /** Takes what has arrived everywhere; true when the answer to probe `number` was among it. */
  #drain(sent: Sent[], number: number): boolean {
    let answered = false;
    for (const [link, socket] of this.#sockets) {
      for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
        if (isAnswer(frame, number)) answered = true;
        else if (!isChatter(frame)) sent.push({ link, frame });
      }
    }
    return answered;
  }
}

/** Neighbours that are not known are not asked for: an unreachable error seconds later would belong to no turn. */
function noQuestions(link: string): Record<string, number> {
  return { [`net.ipv4.neigh.${link}.mcast_solicit`]: 0, [`net.ipv6.neigh.${link}.mcast_solicit`]: 0 };
}

function linkCommands(options: KernelNodeOptions, far: string): string {
  const commands = ["link set lo up"];
  for (const link of options.links) {
    commands.push(`link add ${link.name} address ${link.mac} type veth peer name ${link.name} netns ${far}`);
  }
  return commands.join("\n");
}

function networkCommands(options: KernelNodeOptions): string {
  const commands: string[] = [];
  for (const link of options.links) {
    commands.push(`link set ${link.name} mtu ${link.mtu ?? 1500} up`);
    for (const address of link.addresses) {
      commands.push(`addr add ${address} dev ${link.name}${address.includes(":") ? " nodad" : ""}`);
    }
    for (const [address, mac] of Object.entries(link.neighbours)) {
      commands.push(`neigh replace ${address} lladdr ${mac} dev ${link.name} nud permanent`);
    }
  }
  for (const route of options.routes ?? []) commands.push(`route add ${route}`);
  return commands.join("\n");
}

/** Runs a command; what it says on stderr becomes part of the error when it fails. */
function quiet(command: string, args: readonly string[], input?: string): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
}
