/** Statements → instructions. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import * as Layout from "../../assembly/layout/program.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { statementText } from "../ruleset/nft-text-rule.ts";
import type { RejectWith, Statement, Verdict } from "../ruleset/types.ts";
import { convert } from "./convert.ts";
import { VERDICT_OPERATIONS } from "./elements.ts";
import { emitExpression, emitInto, emitKeySwap, emitStates, typesOf } from "./expressions.ts";
import { emitLookup, emitMatch } from "./matches.ts";
import { emitNat } from "./nat.ts";
import { emitMonthDays, emitSearch, emitWordTests } from "./packet-content.ts";
import { FAMILY_IP6, type RuleBuilder } from "./rule.ts";
import { emitEndpoint, emitService } from "./services.ts";
import { emitReference, emitStateful } from "./stateful.ts";
import { emitAssign, emitReset } from "./stores.ts";
import { Uncompilable } from "./types.ts";
import { NUMBER, wordsOf } from "./values.ts";

type Kind<K extends Statement["kind"]> = Statement & { readonly kind: K };

const MILLISECONDS = 1000;

const UPDATES = {
  add: Instructions.UPDATE_ADD,
  update: Instructions.UPDATE_REFRESH,
  delete: Instructions.UPDATE_DELETE,
} as const;

const RECENT = {
  set: Instructions.RECENT_SET,
  rcheck: Instructions.RECENT_CHECK,
  update: Instructions.RECENT_UPDATE,
  remove: Instructions.RECENT_REMOVE,
} as const;

/** ICMP types of unreachable destinations, and nft's names of their codes (RFC 792, RFC 1812; RFC 4443). */
const UNREACHABLE4 = 3;
const UNREACHABLE6 = 1;
const CODES4: Readonly<Record<string, number>> = {
  "net-unreachable": 0,
  "host-unreachable": 1,
  "prot-unreachable": 2,
  "port-unreachable": 3,
  "net-prohibited": 9,
  "host-prohibited": 10,
  "admin-prohibited": 13,
};
const CODES6: Readonly<Record<string, number>> = {
  "no-route": 0,
  "admin-prohibited": 1,
  "addr-unreachable": 3,
  "port-unreachable": 4,
  "policy-fail": 5,
  "reject-route": 6,
};
/** icmpx codes by family (nft_reject_icmp_code, nft_reject_icmpv6_code). */
const CODES_X: Readonly<Record<string, { readonly code4: number; readonly code6: number }>> = {
  "no-route": { code4: 0, code6: 0 },
  "host-unreachable": { code4: 1, code6: 3 },
  "port-unreachable": { code4: 3, code6: 4 },
  "admin-prohibited": { code4: 13, code6: 1 },
};

const EMITTERS: { readonly [K in Statement["kind"]]: (rule: RuleBuilder, statement: Kind<K>) => void } = {
  match: emitMatch,
  lookup: emitLookup,
  vmap: emitVerdictMap,
  set: emitUpdate,
  mangle: emitMangle,
  dnat: emitNat,
  snat: emitNat,
  masquerade: emitNat,
  redirect: emitNat,
  reject: (rule, statement) => emitReject(rule, statement.with ?? defaultReject(rule)),
  counter: emitStateful,
  notrack: (rule) => rule.emit({ operation: Instructions.OP_NOTRACK }),
  statistic: (rule, { probability }) => rule.emit({ operation: Instructions.OP_STATISTIC, x: probability }),
  recent: emitRecent,
  nfacct: (rule) => emitStateful(rule, { kind: "counter" }),
  xt: (rule, { statements }) => emitAll(rule, statements),
  alternatives: emitAlternatives,
  search: emitSearch,
  u32: emitWordTests,
  "month days": emitMonthDays,
  verdict: (rule, { verdict }) => emitVerdict(rule, verdict),
  log: () => {},
  quota: emitStateful,
  limit: emitStateful,
  connlimit: emitStateful,
  object: emitReference,
  service: emitService,
  endpoint: emitEndpoint,
  queue: (rule) => rule.emit({ operation: Instructions.OP_QUEUE }),
  assign: emitAssign,
  "reset option": emitReset,
  foreign: refuse,
};

function refuse(_: RuleBuilder, statement: Statement): never {
  const what = statement.kind === "foreign" ? statement.what : `"${statementText(statement)}"`;
  throw new Uncompilable(`${what} is not supported`);
}

export function emitStatement(rule: RuleBuilder, statement: Statement): void {
  const emit = EMITTERS[statement.kind] as (rule: RuleBuilder, statement: Statement) => void;
  emit(rule, statement);
}

/** Statements in turn; they share no values. */
export function emitAll(rule: RuleBuilder, statements: readonly Statement[]): void {
  for (const statement of statements) {
    emitStatement(rule, statement);
    rule.release();
  }
}

/** What does not match leads to the next alternative; behind each stands what leads out of them. */
function emitAlternatives(rule: RuleBuilder, { of, invert }: Kind<"alternatives">): void {
  const matches: number[] = [];
  for (const statements of of) {
    rule.emitApart(() => emitAll(rule, statements));
    matches.push(rule.instructions.length - 1);
  }
  if (invert) return;
  rule.emit({ operation: Instructions.OP_NEVER });
  for (const at of matches) rule.leadTo(at, rule.instructions.length);
}

function emitVerdictMap(rule: RuleBuilder, { key, map }: Kind<"vmap">): void {
  const value = emitExpression(rule, key);
  const used = rule.set(map, { key: value.types, value: "verdict" });
  if (used.value !== "verdict") throw new Uncompilable("a verdict map is wanted here");
  emitKeySwap(rule, value, used);
  const length = wordsOf(value.types) * 4;
  rule.emit({ operation: Instructions.OP_VERDICT_MAP, register: value.register, length, xLabel: used.label });
}

/** The value of a map's element stands behind the key. The rule goes on if what the element asks matches. */
function emitUpdate(rule: RuleBuilder, { operation, set, key, value, timeoutSeconds }: Kind<"set">): void {
  const keyTypes = typesOf(rule, key);
  const used = rule.set({ kind: "named", name: set }, { key: keyTypes });
  if (used.kind !== Layout.SET_DYNAMIC) throw new Uncompilable(`the set "${set}" is not dynamic`);
  const valueTypes = used.value === undefined || typeof used.value === "string" ? [] : used.value;
  if ((value === undefined) !== (valueTypes.length === 0)) throw new Uncompilable(`"${set}" is a map`);
  const keyBytes = wordsOf(keyTypes) * 4;
  const register = rule.allocate(wordsOf(keyTypes) + wordsOf(valueTypes));
  emitInto(rule, key, register, keyTypes);
  if (value !== undefined) emitInto(rule, value, register + keyBytes, typesOf(rule, value, valueTypes));
  rule.emit({
    operation: Instructions.OP_UPDATE_SET,
    register,
    length: keyBytes,
    options: UPDATES[operation],
    xLabel: used.label,
    y: (timeoutSeconds ?? 0) * MILLISECONDS,
  });
  if (operation !== "delete") emitStates(rule, used);
}

function emitRecent(rule: RuleBuilder, statement: Kind<"recent">): void {
  const { operation, seconds = 0, hits = 0 } = statement;
  rule.emit({
    operation: Instructions.OP_RECENT,
    length: hits,
    options:
      RECENT[operation] |
      (statement.reap ? Instructions.RECENT_REAP : 0) |
      (statement.invert ? Instructions.RECENT_INVERT : 0) |
      (statement.destination ? Instructions.RECENT_DESTINATION : 0) |
      (statement.ttl ? Instructions.RECENT_TTL : 0),
    xLabel: rule.scope.recentList(statement),
    y: seconds * MILLISECONDS,
  });
}

function emitMangle(rule: RuleBuilder, { target, value }: Kind<"mangle">): void {
  const { register, types } = emitExpression(rule, value, [NUMBER]);
  const [type] = types;
  if (type !== undefined) convert(rule, register, type, NUMBER);
  const isMeta = target === "meta mark";
  rule.emit({
    operation: isMeta ? Instructions.OP_STORE_META : Instructions.OP_STORE_CT,
    register,
    length: 4,
    x: isMeta ? Keys.META_MARK : Keys.CT_KEY_MARK,
  });
}

function emitReject(rule: RuleBuilder, reject: RejectWith): void {
  if (reject.type === "icmpx") {
    emitRejectBoth(rule, reject.code);
  } else if (reject.type === "tcp reset") {
    rule.requireProtocol(Protocol.TCP);
    rule.emit({ operation: Instructions.OP_REJECT, x: Instructions.REJECT_TCP_RESET });
  } else if (reject.type === "icmp") {
    rule.requireFamily("ip");
    rule.emit({ operation: Instructions.OP_REJECT, x: spec(UNREACHABLE4, codeOf(CODES4, reject.code)) });
  } else {
    rule.requireFamily("ip6");
    rule.emit({ operation: Instructions.OP_REJECT, x: spec(UNREACHABLE6, codeOf(CODES6, reject.code)) });
  }
}

/** icmpx: the answer depends on the packet's family. */
function emitRejectBoth(rule: RuleBuilder, name: string): void {
  const { code4, code6 } = codeOf(CODES_X, name);
  if (rule.scope.family !== "ip") {
    const register = rule.allocate(1);
    const x = FAMILY_IP6;
    rule.emit({ operation: Instructions.OP_LOAD_META, register, length: 4, x: Keys.META_FAMILY });
    const failTo = rule.instructions.length + 2;
    rule.emit({
      operation: Instructions.OP_COMPARE,
      register,
      length: 4,
      options: Instructions.COMPARE_EQUAL,
      x,
      failTo,
    });
    rule.emit({ operation: Instructions.OP_REJECT, x: spec(UNREACHABLE6, code6) });
  }
  rule.emit({ operation: Instructions.OP_REJECT, x: spec(UNREACHABLE4, code4) });
}

function defaultReject({ scope }: RuleBuilder): RejectWith {
  const type = scope.family === "inet" ? "icmpx" : scope.family === "ip" ? "icmp" : "icmpv6";
  return { type, code: "port-unreachable" };
}

function emitVerdict(rule: RuleBuilder, verdict: Verdict): void {
  if (verdict.kind === "continue") return;
  const operation = VERDICT_OPERATIONS[verdict.kind];
  if (verdict.kind === "jump" || verdict.kind === "goto")
    rule.emit({ operation, xLabel: rule.scope.chain(verdict.chain) });
  else rule.emit({ operation });
}

function codeOf<T>(codes: Readonly<Record<string, T>>, name: string): T {
  const code = codes[name];
  if (code === undefined) throw new Uncompilable(`"${name}" is no code to reject with`);
  return code;
}

function spec(type: number, code: number): number {
  return type | (code << 8);
}
