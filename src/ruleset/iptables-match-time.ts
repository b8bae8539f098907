/** `-m time`: times of day, days of the week and dates, in UTC as iptables-save writes them. */

import { isAmong, isWhere } from "./iptables-match.ts";
import { type Extension, listOf, number, type Options, oneOf, unsupported } from "./iptables-options.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Expression, Statement } from "./types.ts";
import { eitherOf } from "./xt.ts";

const HOUR: Expression = { kind: "meta", key: "hour" };
const DAY: Expression = { kind: "meta", key: "day" };
const DAY_SECONDS = 86_400;
const MILLISECONDS = 1000;
/** As nft numbers them. */
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export const TIME: Extension = {
  options: {
    datestart: 1,
    datestop: 1,
    timestart: 1,
    timestop: 1,
    weekdays: 1,
    monthdays: 1,
    contiguous: 0,
    kerneltz: 0,
    utc: 0,
  },
  lower: (options) => {
    for (const name of ["monthdays", "kerneltz"]) {
      const option = options.get(name);
      if (option !== undefined) throw unsupported(option.word);
    }
    return [...dateMatches(options), ...dayMatches(options)];
  },
};

/** Both ends are whole seconds, and within. */
function dateMatches(options: Options): readonly Statement[] {
  const matches: Statement[] = [];
  const [start, stop] = [options.value("datestart"), options.value("datestop")];
  const match = (operator: ">=" | "<", milliseconds: number): Statement => {
    const name = new Date(milliseconds).toISOString().slice(0, "2020-01-01T10:00:00".length).replace("T", " ");
    const right: Expression = { kind: "literal", parts: [{ kind: "name", name }] };
    return { kind: "match", left: { kind: "meta", key: "time" }, operator, right };
  };
  if (start !== undefined) matches.push(match(">=", dateOf(start)));
  if (stop !== undefined) matches.push(match("<", dateOf(stop) + MILLISECONDS));
  return matches;
}

/**
 * time_mt(): a time that ends before it begins goes over midnight. With --contiguous what is behind midnight belongs to the
 * day before.
 */
function dayMatches(options: Options): readonly Statement[] {
  const [from, to] = [secondsOf(options.value("timestart"), 0), secondsOf(options.value("timestop"), DAY_SECONDS - 1)];
  const days = weekdaysOf(options);
  const between = (low: number, high: number) => isWhere(HOUR, { kind: "range", from: number(low), to: number(high) });
  if (from < to) return [between(from, to), ...isOn(days)];
  const daysBehind = options.has("contiguous") ? days.map((day) => (day + 1) % WEEKDAYS.length) : days;
  const before = [between(from, DAY_SECONDS - 1), ...isOn(days)];
  return [eitherOf([between(0, to), ...isOn(daysBehind)], before)];
}

function isOn(days: readonly number[]): readonly Statement[] {
  return days.length === WEEKDAYS.length ? [] : [isAmong(DAY, days.map(number))];
}

/** The days that match. */
function weekdaysOf(options: Options): readonly number[] {
  const option = options.get("weekdays");
  const named = option === undefined ? [] : listOf(option.values[0]!).map(weekdayOf);
  if (option === undefined) return WEEKDAYS.map((_, day) => day);
  return WEEKDAYS.flatMap((_, day) => (named.includes(day) !== option.isNegated ? [day] : []));
}

/** "Mon", "Mo" or "1"; Sunday is 7. */
function weekdayOf(word: Word): number {
  const byNumber = Object.fromEntries(WEEKDAYS.map((_, day) => [String(day === 0 ? WEEKDAYS.length : day), day]));
  const byName = Object.fromEntries(
    WEEKDAYS.flatMap((name, day) => [name, name.slice(0, 2)].map((short) => [short, day] as const)),
  );
  return oneOf({ ...word, text: word.text.toLowerCase() }, { ...byNumber, ...byName }, "day of the week");
}

function secondsOf(word: Word | undefined, fallback: number): number {
  if (word === undefined) return fallback;
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(word.text) ?? [];
  if (!(Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60)) {
    throw new LineError(word.column, `"${word.text}" is no time of day, such as 08:00:00`);
  }
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
}

function dateOf(word: Word): number {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(word.text);
  const milliseconds = isWhole ? Date.parse(`${word.text}Z`) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new LineError(word.column, `"${word.text}" is no date, such as 2026-01-31T08:00:00`);
  return milliseconds;
}
