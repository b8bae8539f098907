/**
 * A node, the slow and obvious way: a frame in, the frames that leave because of it out. It knows whole TCP, UDP and
 * ICMP packets without options or extension headers, in window and within the MTU; what it is fed keeps to that.
 */

import type { NodeNetwork } from "../../src/network/types.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { macBytes } from "../support/address.ts";
import { concat } from "../support/bytes.ts";
import { decode } from "../support/decode.ts";
import type { Sent } from "../support/kernel-node.ts";
import { echoReply, icmpError, resetFor } from "./answers.ts";
import { type Connection, Connections, type Tracked } from "./connections.ts";
import { type Choices, chooseDestination, chooseSource, translated } from "./nat.ts";
import { ICMP, ICMP6, type ModelPacket, parse, rewritten, TCP, UDP } from "./packet.ts";
import { type Route, Routes } from "./routes.ts";
import { baseChains, type Decision, type Passing, runBaseChain } from "./rules.ts";

const LINK_BYTES = 14;
const NANOSECONDS = 1e9;
const TIME_EXCEEDED = { 4: [11, 0], 6: [3, 0] } as const;
const PORT_UNREACHABLE = { 4: [3, 3], 6: [1, 4] } as const;

export class ModelNode {
  readonly #ruleset: Ruleset;
  readonly #routes: Routes;
  readonly #connections = new Connections();
  readonly #macs: ReadonlyMap<string, Uint8Array>;
  #now = 0;
  #sent: Sent[] = [];
  #choices: Choices = { shown: undefined };

  constructor(ruleset: Ruleset, network: NodeNetwork) {
    this.#ruleset = ruleset;
    this.#routes = new Routes(network);
    this.#macs = new Map(
      network.interfaces.map((device) => [device.name, macBytes(device.mac ?? "00:00:00:00:00:00")]),
    );
  }

  /** `shown`: what another node sent; where the rules leave a choice, the model makes the same one, if it is allowed. */
  inject(link: string, frame: Uint8Array, time: bigint, shown: readonly Sent[] = []): readonly Sent[] {
    this.#now = Number(time) / NANOSECONDS;
    this.#sent = [];
    const other = shown[0] && decode(shown[0].frame);
    this.#choices = { shown: other && parse(other.packet) };
    const mac = this.#macs.get(link);
    const isOurs = mac?.every((byte, index) => byte === frame[index]);
    const packet = isOurs ? parse(frame.subarray(LINK_BYTES)) : undefined;
    if (packet !== undefined) this.#receive(packet);
    return this.#sent;
  }

  #receive(received: ModelPacket): void {
    const tracked = this.#connections.track(received, this.#now);
    const passing = this.#passing(received, tracked);
    if (!this.#filter("prerouting", passing)) return;
    const packet = this.#translateDestination("prerouting", passing);
    if (packet === undefined) return;
    const route = this.#routes.find(packet.dst);
    if (route === undefined) return;
    const onward = { ...passing, packet };
    if (route.isLocal) this.#deliver(onward);
    else this.#forward(onward, route);
  }

  #forward(passing: Passing, route: Route): void {
    const { packet, tracked } = passing;
    if (packet.ttl <= 1) {
      this.#answer(icmpError(packet, TIME_EXCEEDED[packet.family], this.#sourceFor(packet)), tracked);
      return;
    }
    const onward = { ...passing, packet: rewritten(packet, { ttl: packet.ttl - 1 }) };
    if (this.#filter("forward", onward)) this.#leave(onward, route);
  }

  /** The node has no open ports: it resets, is unreachable, or echoes. */
  #deliver(passing: Passing): void {
    const { packet, tracked } = passing;
    if (!this.#filter("input", passing) || !this.#confirm(tracked)) return;
    if (packet.protocol === TCP && tracked.state !== "related") this.#send(resetFor(packet));
    else if (packet.protocol === UDP)
      this.#answer(icmpError(packet, PORT_UNREACHABLE[packet.family], packet.dst), tracked);
    else if (packet.protocol === ICMP || packet.protocol === ICMP6) this.#send(echoReply(packet));
  }

  /** An ICMP error of ours belongs to the connection of the packet that it is about. */
  #answer(error: ModelPacket | undefined, { connection, direction, state }: Tracked): void {
    const back = direction === "original" ? "reply" : "original";
    const isAbout = connection !== undefined && state !== "related";
    this.#send(error, isAbout ? { state: "related", direction: back, connection } : undefined);
  }

  /** The node's own packets: tracked like others, translated if they belong to something that is. */
  #send(packet: ModelPacket | undefined, related?: Tracked): void {
    if (packet === undefined) return;
    const tracked = related ?? this.#connections.track(packet, this.#now);
    const passing = this.#passing(packet, tracked);
    if (!this.#filter("output", passing)) return;
    const moved = this.#translateDestination("output", passing);
    const route = moved && this.#routes.find(moved.dst);
    if (moved !== undefined && route !== undefined && !route.isLocal) this.#leave({ ...passing, packet: moved }, route);
  }

  #leave(passing: Passing, route: Route): void {
    const packet = this.#translateSource(passing, route);
    if (packet === undefined || !this.#confirm(passing.tracked)) return;
    const dstMac = this.#routes.macOf(route, packet.dst);
    const type = packet.family === 4 ? [0x08, 0x00] : [0x86, 0xdd];
    this.#sent.push({
      link: route.link,
      frame: concat(macBytes(dstMac), this.#macs.get(route.link)!, type, packet.bytes),
    });
  }

  /** Only a packet of the original direction makes a connection known: an error of ours about its first one does not. */
  #confirm({ connection, direction }: Tracked): boolean {
    if (connection === undefined || connection.confirmed || direction === "reply") return true;
    return this.#connections.confirm(connection);
  }

  #translateDestination(hook: "prerouting" | "output", passing: Passing): ModelPacket | undefined {
    const { packet, tracked } = passing;
    const { connection } = tracked;
    if (connection === undefined) return packet;
    if (isFirst(tracked)) {
      const decision = this.#decide("nat", hook, passing);
      if (decision.kind === "drop") return undefined;
      if (decision.kind === "nat") chooseDestination(connection, decision.choices, this.#choices);
    }
    return translated(packet, tracked, "dst");
  }

  #translateSource(passing: Passing, route: Route): ModelPacket | undefined {
    const { packet, tracked } = passing;
    const { connection } = tracked;
    if (connection === undefined) return packet;
    if (isFirst(tracked)) {
      const decision = this.#decide("nat", "postrouting", passing);
      if (decision.kind === "drop") return undefined;
      const address = this.#routes.sourceOn(route.link, packet.family);
      const isTaken = (tuple: Connection["reply"]) => this.#connections.find(tuple, this.#now) !== undefined;
      if (decision.kind === "nat") chooseSource(connection, address, this.#choices, isTaken);
    }
    return translated(packet, tracked, "src");
  }

  /** Runs the filter chains of a hook; false when the packet ends there. */
  #filter(hook: "prerouting" | "input" | "forward" | "output", passing: Passing): boolean {
    const decision = this.#decide("filter", hook, passing);
    if (decision.kind === "reject") {
      const error = icmpError(
        passing.packet,
        PORT_UNREACHABLE[passing.packet.family],
        this.#rejectSource(hook, passing.packet),
      );
      this.#answer(error, passing.tracked);
    }
    return decision.kind === "accept";
  }

  #decide(type: "nat" | "filter", hook: string, passing: Passing): Decision {
    for (const { table, chain } of baseChains(this.#ruleset, hook, type, passing.packet.family)) {
      const decision = runBaseChain(table, chain, passing);
      if (decision.kind !== "accept") return decision;
    }
    return { kind: "accept" };
  }

  /** What came to an address of ours is answered from there, all else from the address that the way back has. */
  #rejectSource(hook: string, packet: ModelPacket): string {
    return hook === "input" ? packet.dst : this.#sourceFor(packet);
  }

  #sourceFor(packet: ModelPacket): string {
    const back = this.#routes.find(packet.src);
    return this.#routes.sourceOn(back?.link ?? "", packet.family);
  }

  #passing(packet: ModelPacket, tracked: Tracked): Passing {
    return { packet, tracked, mark: 0, isLocal: (address) => this.#routes.find(address)?.isLocal ?? false };
  }
}

/** NAT is decided with a connection's first packet, before the connection is confirmed. */
function isFirst({ state, connection }: Tracked): boolean {
  return state === "new" && connection?.confirmed === false;
}
