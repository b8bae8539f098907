/** The calendar (xt_time): days of the month, UTC. */

import * as Instructions from "../layout/instructions";
import { Packet } from "../packet";

const NANOSECONDS: u64 = 1_000_000_000;
const SECONDS_A_DAY: u64 = 86_400;
/** Years are counted from March, so that a leap day is the last of its year, and from one that 400 divides. */
const DAYS_BEFORE_EPOCH: u64 = 719_468; // from 1 March of the year 0 to 1 January 1970
const DAYS_OF_400_YEARS: u32 = 146_097;
const DAYS_OF_100_YEARS: u32 = 36_524;
const DAYS_OF_4_YEARS: u32 = 1_461;
const DAYS_OF_YEAR: u32 = 365;

/** Whether the packet comes on one of the instruction's days. */
export function isMonthDay(packet: Packet, at: usize): bool {
  const seconds = packet.time / NANOSECONDS - load<u32>(at, Instructions.Y);
  return (load<u32>(at, Instructions.X) & (1 << dayOfMonth(seconds / SECONDS_A_DAY))) != 0;
}

/** From 1, of a day counted from 1 January 1970. */
export function dayOfMonth(day: u64): u32 {
  const ofEra = <u32>((day + DAYS_BEFORE_EPOCH) % DAYS_OF_400_YEARS);
  const leapless = ofEra - ofEra / (DAYS_OF_4_YEARS - 1) + ofEra / DAYS_OF_100_YEARS - ofEra / (DAYS_OF_400_YEARS - 1);
  const year = leapless / DAYS_OF_YEAR;
  const ofYear = ofEra - (DAYS_OF_YEAR * year + year / 4 - year / 100);
  // From March on the lengths of months repeat every five: 31, 30, 31, 30, 31, which are 153 days.
  const month = (5 * ofYear + 2) / 153;
  return ofYear - (153 * month + 2) / 5 + 1;
}
