/** What NAT makes of a connection's tuples, and of its packets. Random choices are taken from elsewhere, and checked. */

import { type Connection, inverted, type Tracked, type Tuple } from "./connections.ts";
import { isError, withQuote } from "./errors.ts";
import { ICMP, ICMP6, type ModelPacket, rewritten } from "./packet.ts";

/** The packet that another node sent on: it shows what that one chose. */
export interface Choices {
  readonly shown: ModelPacket | undefined;
}

/** Ports below 512 stay below, those below 1024 too but from 600 on, all others get any from 1024 on. */
const PORT_CLASSES = [
  { below: 512, from: 1, to: 511 },
  { below: 1024, from: 600, to: 1023 },
  { below: 65536, from: 1024, to: 65535 },
] as const;

/** One of `targets` (address, port) becomes the destination: the one that was shown, if it is among them. */
export function chooseDestination(
  connection: Connection,
  targets: readonly (readonly string[])[],
  { shown }: Choices,
): void {
  const isShown = ([address, port]: readonly string[]) =>
    shown?.dst === address && (port === undefined || shown?.dstPort === numberOf(port));
  const [address, port] = targets.find(isShown) ?? targets[0]!;
  const to = {
    ...inverted(connection.reply),
    ...(address && { dst: address }),
    ...(port && { dstPort: numberOf(port) }),
  };
  setTuple(connection, to);
}

/** The source becomes `address`, with the port that was shown if that is one the kernel could have drawn. */
export function chooseSource(
  connection: Connection,
  address: string,
  { shown }: Choices,
  isTaken: (reply: Tuple) => boolean,
): void {
  const to = inverted(connection.reply);
  const wanted = shown?.src === address ? shown.srcPort : to.srcPort;
  const isAllowed = to.protocol === ICMP || to.protocol === ICMP6 || inClass(to.srcPort, wanted);
  const chosen = { ...to, src: address, srcPort: isAllowed ? wanted : 0 };
  if (isTaken(inverted(chosen))) throw new Error(`port ${wanted} of ${address} was chosen, but it is taken`);
  setTuple(connection, chosen);
}

/** A packet of a translated connection, its source or its destination replaced; an ICMP error also inside. */
export function translated(
  packet: ModelPacket,
  { connection, direction, state }: Tracked,
  end: "src" | "dst",
): ModelPacket {
  if (connection === undefined) return packet;
  const changes = direction === "original" ? connection[`${end}Nat`] : connection[end === "src" ? "dstNat" : "srcNat"];
  if (!changes) return packet;
  const to = inverted(connection[direction === "original" ? "reply" : "original"]);
  if (state === "related" && isError(packet))
    return rewritten(withQuote(packet, connection, direction), { [end]: to[end] });
  const hasPorts = packet.protocol !== ICMP && packet.protocol !== ICMP6;
  const port = end === "src" ? "srcPort" : "dstPort";
  if (hasPorts) return rewritten(packet, { [end]: to[end], [port]: to[port] });
  return rewritten(packet, { [end]: to[end], srcPort: to.srcPort });
}

/** `to` is how packets of the original direction shall look when they leave. */
function setTuple(connection: Connection, to: Tuple): void {
  const { original } = connection;
  connection.reply = inverted(to);
  connection.srcNat = to.src !== original.src || to.srcPort !== original.srcPort;
  connection.dstNat = to.dst !== original.dst || to.dstPort !== original.dstPort;
}

function inClass(original: number, chosen: number): boolean {
  const group = PORT_CLASSES.find((one) => original < one.below)!;
  return chosen >= group.from && chosen <= group.to;
}

function numberOf(digits: string): number {
  return Number.parseInt(digits, 16);
}
