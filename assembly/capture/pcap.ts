/** The records of a pcap file. */

import * as Capture from "../layout/capture";
import * as Engine from "../layout/engine";
import { word } from "./bytes";
import { describe, hasRoom, interfaceAt, stopWalk } from "./describe";

const NANOSECONDS: u64 = 1_000_000_000;

/** Walks records until one is incomplete, damaged, or finds no descriptor. Returns the address of that one. */
export function walkRecords(at: usize, end: usize, format: u32): usize {
  const headerBytes = format & Capture.CAPTURE_MODIFIED_PCAP ? Capture.MODIFIED_RECORD_SIZE : Capture.RECORD_SIZE;
  const isOld = (format & Capture.CAPTURE_OLD_PCAP) != 0;
  const nanosecondsPerUnit = NANOSECONDS / load<u64>(interfaceAt(0), Capture.INTERFACE_UNITS);
  while (true) {
    if (!hasRoom()) return stopWalk(Engine.WALK_FULL, at);
    if (end - at < headerBytes) return stopWalk(Engine.WALK_END, at);
    let frameBytes = word(at + Capture.RECORD_FRAME_BYTES);
    let wireBytes = word(at + Capture.RECORD_WIRE_BYTES);
    if (isOld && frameBytes > wireBytes) {
      const captured = wireBytes;
      wireBytes = frameBytes;
      frameBytes = captured;
    }
    if (frameBytes > Capture.FRAME_BYTES_MAX) return stopWalk(Engine.WALK_ERROR, at);
    if (end - at < headerBytes + frameBytes) return stopWalk(Engine.WALK_END, at);
    const seconds = <u64>word(at + Capture.RECORD_SECONDS);
    const time = seconds * NANOSECONDS + <u64>word(at + Capture.RECORD_FRACTION) * nanosecondsPerUnit;
    describe(time, at + headerBytes, frameBytes, wireBytes, 0, 0);
    at += headerBytes + frameBytes;
  }
}
