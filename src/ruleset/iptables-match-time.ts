/** `-m time`: times of day, days of the week and dates, in UTC as iptables-save writes them. */

import { isAmong, isWhere } from "./iptables-match.ts";
import { type Extension, listOf, number, numberOf, type Options, oneOf, unsupported } from "./iptables-options.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Expression, Statement } from "./types.ts";
import { eitherOf } from "./xt.ts";

const HOUR: Expression = { kind: "meta", key: "hour" };
const DAY: Expression = { kind: "meta", key: "day" };
const DAY_SECONDS = 86_400;
const MONTH_DAYS = 31;
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
    const option = options.get("kerneltz");
    if (option !== undefined) throw unsupported(option.word);
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
  const between = (low: number, high: number) => isWhere(HOUR, { kind: "range", from: number(low), to: number(high) });
  const isOn = (daysAgo: number) => [...onWeekdays(options, daysAgo), ...onMonthDays(options, daysAgo)];
  if (from < to) return [between(from, to), ...isOn(0)];
  const behind = [between(0, to), ...isOn(options.has("contiguous") ? 1 : 0)];
  return [eitherOf(behind, [between(from, DAY_SECONDS - 1), ...isOn(0)])];
}

function onWeekdays(options: Options, daysAgo: number): readonly Statement[] {
  const days = weekdaysOf(options);
  if (days.length === WEEKDAYS.length) return [];
  return [
    isAmong(
      DAY,
      days.map((day) => number((day + daysAgo) % WEEKDAYS.length)),
    ),
  ];
}

/** Days are numbers, also outside of every month; `!` means all others. */
function onMonthDays(options: Options, daysAgo: number): readonly Statement[] {
  const option = options.get("monthdays");
  if (option === undefined) return [];
  const named = listOf(option.values[0]!).map(monthDayOf);
  const days = Array.from({ length: MONTH_DAYS }, (_, index) => index + 1);
  const chosen = days.filter((day) => named.includes(day) !== option.isNegated);
  return [{ kind: "month days", days: chosen, secondsAgo: daysAgo * DAY_SECONDS }];
}

function monthDayOf(word: Word): number {
  const day = numberOf(word, MONTH_DAYS);
  if (day === 0) throw new LineError(word.column, `"${word.text}" is no day of a month`);
  return day;
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
