/**
 * Ports that are open on the node although no snapshot says so: its own packets show them. A SYN-ACK comes from a port
 * that listens; a datagram from one that takes answers.
 */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";

/** A bit for each port. */
const BITMAP_BYTES: u32 = 8192;
const tcpPorts: usize = memory.data(8192, 8);
const udpPorts: usize = memory.data(8192, 8);
const SYN_ACK: u32 = Wire.TCP_SYN | Wire.TCP_ACK;

/** Notes the port that a parsed packet of the node's own shows to be open. */
export function rememberSocket(packet: Packet): void {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (packet.fragmentOffset != 0 || bytes < Wire.UDP_SIZE) return;
  if (packet.protocol == Protocol.UDP) setPort(udpPorts, load<u16>(header));
  if (packet.protocol != Protocol.TCP || bytes < Wire.TCP_SIZE) return;
  if ((load<u8>(header, Wire.TCP_FLAGS) & SYN_ACK) == SYN_ACK) setPort(tcpPorts, load<u16>(header));
}

/** Whether a TCP or UDP port, in network order, has been seen to be open. */
export function isShownOpen(protocol: u32, port: u32): bool {
  if (protocol != Protocol.TCP && protocol != Protocol.UDP) return false;
  const bitmap = protocol == Protocol.TCP ? tcpPorts : udpPorts;
  return (load<u8>(bitmap + (port >> 3)) & (1 << (port & 7))) != 0;
}

function setPort(bitmap: usize, port: u32): void {
  assert(port >> 3 < BITMAP_BYTES, "no such port");
  const byte = bitmap + (port >> 3);
  store<u8>(byte, <u32>load<u8>(byte) | (1 << (port & 7)));
}
