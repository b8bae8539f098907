/** Matches of iptables on the time, in the kernel and in the engine. */

import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter } from "./iptables-variety.ts";

/** iptables-save writes the last second of 32 bits where no date is said. */
const EVER = "--datestop 2038-01-19T03:14:07";
const TIMES = [
  `--timestart 06:00:00 --timestop 18:00:00 ${EVER}`,
  `--timestart 18:00:00 --timestop 06:00:00 ${EVER}`,
  `--weekdays Mon,Wed,Fri,Sun ${EVER}`,
  `--weekdays Tue,Thu,Sat ${EVER}`,
  `--timestart 18:00:00 --timestop 12:00:00 --weekdays Mon,Wed,Fri ${EVER} --contiguous`,
  `--timestart 18:00:00 --timestop 17:00:00 --weekdays Tue,Thu,Sat,Sun ${EVER} --contiguous`,
  `--monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ${EVER}`,
  `--monthdays 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 ${EVER}`,
  `--timestart 18:00:00 --timestop 17:00:00 --monthdays 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 ${EVER} --contiguous`,
  "--datestart 2020-01-01T00:00:00 --datestop 2030-06-01T12:30:00",
  "--datestop 2020-01-01T00:00:00",
].map((words) => `-m time ${words}`);

agreeOnIptables(
  "iptables: the time of day, the day of the week and the month, the date",
  cases(TIMES, FAMILIES, inFilter).map((one) => ({ ...one, asksTime: true })),
);
