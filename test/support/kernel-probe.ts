/** Probes that tell when a node is done, and the frames that a node sends without being asked. */

import { macBytes } from "./address.ts";
import { concat, uint16, uint32 } from "./bytes.ts";

const ARP_PROBE_HEADER = [0, 1, 8, 0, 6, 4, 0, 1];
const ARP_TARGET_MAC = 14 + 18;

/** An ARP probe (RFC 5227) whose sender's link address is its number: answered, and never remembered. */
export function probe(number: number, target: Uint8Array): Uint8Array {
  const sender = probeMac(number);
  const header = concat(macBytes("ff:ff:ff:ff:ff:ff"), sender, [0x08, 0x06], ARP_PROBE_HEADER);
  return concat(header, sender, [0, 0, 0, 0], [0, 0, 0, 0, 0, 0], target);
}

function probeMac(number: number): Uint8Array {
  return concat(uint16(0x0200), uint32(number));
}

/** Whether a frame answers probe `number`. */
export function isAnswer(frame: Uint8Array, number: number): boolean {
  if (!isArp(frame)) return false;
  const target = frame.subarray(ARP_TARGET_MAC, ARP_TARGET_MAC + 6);
  return probeMac(number).every((byte, index) => byte === target[index]);
}

/**
 * What a node says by itself, or only now and then: ARP, multicast listener reports (143), neighbour discovery and
 * redirects (133 to 137).
 */
export function isChatter(frame: Uint8Array): boolean {
  if (isArp(frame)) return true;
  if (frame[12] !== 0x86 || frame[13] !== 0xdd) return false;
  const [protocol, type] = frame[20] === 0 ? [frame[54], frame[62]] : [frame[20], frame[54]];
  return protocol === 58 && (type === 143 || (type! >= 133 && type! <= 137));
}

function isArp(frame: Uint8Array): boolean {
  return frame[12] === 0x08 && frame[13] === 0x06;
}
