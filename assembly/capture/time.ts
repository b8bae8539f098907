/** Times of pcapng packets, whose unit is the interface's. */

import * as Capture from "../layout/capture";

const NANOSECONDS: u64 = 1_000_000_000;
const MICROSECONDS: u64 = 1_000_000;
/** A fraction of this many bits times 10⁹ still fits 64 bits. */
const FRACTION_BITS: u64 = 34;

/** Nanoseconds since 1970, rounded down, of a time in the units of an interface. */
export function packetTime(entry: usize, time: u64): u64 {
  const units = load<u64>(entry, Capture.INTERFACE_UNITS);
  const shift = <u64>load<i64>(entry, Capture.INTERFACE_OFFSET) * NANOSECONDS;
  if (units == NANOSECONDS) return time + shift;
  if (units == MICROSECONDS) return time * 1000 + shift;
  return (time / units) * NANOSECONDS + fractionTime(time % units, units) + shift;
}

/** Nanoseconds in a part of a second. Units finer than a nanosecond are powers of ten from 10¹⁰ on, or of two. */
function fractionTime(fraction: u64, units: u64): u64 {
  if (units % NANOSECONDS == 0) return fraction / (units / NANOSECONDS);
  const bits = 63 - clz(units);
  const excess = bits > FRACTION_BITS ? bits - FRACTION_BITS : 0;
  return ((fraction >> excess) * NANOSECONDS) / (units >> excess);
}
