/** Which filter chains provably let packets of established, or of new, connections pass and do nothing else to them. */

import * as State from "../../assembly/layout/state.ts";
import type { BaseChain, Chain, Expression, Literal, Rule, SetReference, Statement, Table } from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";
import { CT_STATE, isNatState } from "./values.ts";

/** Where conntrack looks at packets (NF_IP_PRI_CONNTRACK): to earlier chains every packet is invalid. */
export const TRACK_PRIORITY = -200;

const ESTABLISHED = 1 << State.CT_ESTABLISHED;
const NEW = 1 << State.CT_NEW;
const INVALID = 1 << State.CT_INVALID;
/** Chains that jumps lead through, more than nf_tables allows: what is deeper is not looked at. */
export const DEPTH_MAX = 20;

/** What a chain, or a rule, does to such a packet. */
type Fate =
  /** It may drop or change it, or do something else that must not be left out. */
  | "acts"
  /** It accepts it for certain. */
  | "accepts"
  /** It may accept it; else the packet goes on behind it. */
  | "passes";

/** Whether such a packet meets a rule. */
type Chance = "never" | "maybe" | "always";

/**
 * True if nothing that such a packet can meet from the base chain on acts on it, and in the end it is accepted.
 * `changed`: names of sets that rules change.
 */
export function isEstablishedFree(table: Table, chain: Chain, changed: ReadonlySet<string>): boolean {
  return isFree(table, chain, ESTABLISHED, changed);
}

/** The same of packets whose connection is new: kube-proxy's checks of what is nowhere, while their sets are empty. */
export function isNewFree(table: Table, chain: Chain, changed: ReadonlySet<string>): boolean {
  return isFree(table, chain, NEW, changed);
}

function isFree(table: Table, chain: Chain, state: number, changed: ReadonlySet<string>): boolean {
  if (chain.base === undefined) return false;
  const fate = new Walk(table, seenStates(chain.base, state), changed).fateIn(chain);
  return fate === "accepts" || (fate === "passes" && chain.base.policy === "accept");
}

/** The states of new connections' packets, as rules may see them from the base chain on. */
export function newStates(base: BaseChain): number {
  return seenStates(base, NEW);
}

function seenStates({ priority }: BaseChain, state: number): number {
  return priority <= TRACK_PRIORITY ? state | INVALID : state;
}

const knownNames = new WeakMap<Table, ReadonlyMap<string, Chain>>();

/** A table has several base chains and many others, which are put in order once, and only if one is asked for. */
export function chainOf(table: Table, name: string): Chain | undefined {
  const known = knownNames.get(table) ?? new Map(table.chains.map((chain) => [chain.name, chain]));
  knownNames.set(table, known);
  return known.get(name);
}

const knownEmpty = new WeakMap<Table, ReadonlySet<string>>();

/** Sets and maps that are empty for as long as the program runs: nothing is found in them. */
function emptySets(table: Table, changed: ReadonlySet<string>): ReadonlySet<string> {
  const known = knownEmpty.get(table);
  if (known !== undefined) return known;
  const empty = table.sets.filter(({ name, elements, flags }) => {
    return elements.length === 0 && !flags.includes("dynamic") && !flags.includes("timeout") && !changed.has(name);
  });
  const names = new Set(empty.map(({ name }) => name));
  knownEmpty.set(table, names);
  return names;
}

/** Follows the packet through the chains of a table. `states`: as what rules may see it. */
class Walk {
  readonly #table: Table;
  readonly #states: number;
  readonly #changed: ReadonlySet<string>;
  readonly #known = new Map<Chain, Fate>();
  #depth = 0;

  constructor(table: Table, states: number, changed: ReadonlySet<string>) {
    this.#table = table;
    this.#states = states;
    this.#changed = changed;
  }

  fateIn(chain: Chain): Fate {
    const known = this.#known.get(chain);
    if (known !== undefined) return known;
    if (this.#depth === DEPTH_MAX) return "acts";
    this.#known.set(chain, "acts");
    this.#depth++;
    const fate = this.#through(chain.rules);
    this.#depth--;
    this.#known.set(chain, fate);
    return fate;
  }

  #through(rules: readonly Rule[]): Fate {
    for (const { statements } of rules) {
      const { chance, last } = this.#meet(plainStatements(statements));
      if (chance === "never") continue;
      const fate = last === undefined ? "passes" : this.#fateOf(last);
      if (fate === "acts") return fate;
      const isEnd = fate === "accepts" || isLeaving(last);
      if (chance === "always" && isEnd) return fate;
    }
    return "passes";
  }

  /** The rule's chance by its matches, and the statement behind them. */
  #meet(statements: readonly Statement[]): { readonly chance: Chance; readonly last?: Statement } {
    let chance: Chance = "always";
    for (const statement of statements) {
      if (this.#findsNothing(statement)) return { chance: "never" };
      if (!isPureMatch(statement)) return { chance, last: statement };
      const here = chanceOf(statement, this.#states);
      if (here === "never") return { chance: here };
      if (here === "maybe") chance = here;
    }
    return { chance };
  }

  /** It looks for something in what is empty; asking has no effect. */
  #findsNothing(statement: Statement): boolean {
    if (statement.kind === "lookup" && !statement.invert) return isPure(statement.key) && this.#isEmpty(statement.set);
    return statement.kind === "vmap" && isPure(statement.key) && this.#isEmpty(statement.map);
  }

  #isEmpty(set: SetReference): boolean {
    return set.kind === "named" && emptySets(this.#table, this.#changed).has(set.name);
  }

  #fateOf(statement: Statement): Fate {
    if (statement.kind !== "verdict") return "acts";
    const { verdict } = statement;
    if (verdict.kind === "accept") return "accepts";
    if (verdict.kind === "return" || verdict.kind === "continue") return "passes";
    if (!("chain" in verdict)) return "acts";
    const chain = chainOf(this.#table, verdict.chain);
    return chain === undefined ? "acts" : this.fateIn(chain);
  }
}

/** Behind return and goto no rule of the chain follows. */
function isLeaving(statement: Statement | undefined): boolean {
  return statement?.kind === "verdict" && (statement.verdict.kind === "return" || statement.verdict.kind === "goto");
}

/** Asks without any effect: numgen counts or draws. */
function isPureMatch(statement: Statement): boolean {
  if (statement.kind === "match") return isPure(statement.left) && isPure(statement.right);
  if (statement.kind === "alternatives") return statement.of.every((statements) => statements.every(isPureMatch));
  return statement.kind === "lookup" && isPure(statement.key);
}

function isPure(expression: Expression): boolean {
  switch (expression.kind) {
    case "numgen":
      return false;
    case "combined":
      return isPure(expression.left) && isPure(expression.right);
    case "bitwise":
    case "sum":
      return isPure(expression.left);
    case "concat":
      return expression.parts.every(isPure);
    case "map":
      return isPure(expression.key);
    default:
      return true;
  }
}

/** What is no plain match on ct state may match or not. */
export function chanceOf(statement: Statement, states: number): Chance {
  const matched = matchedStates(statement, states);
  if (matched === undefined) return "maybe";
  if ((matched & states) === 0) return "never";
  return (matched & states) === states ? "always" : "maybe";
}

/** Which of the states the statement lets through; undefined: they do not decide. */
function matchedStates(statement: Statement, states: number): number | undefined {
  if (statement.kind === "match" && statement.operator === "==" && statement.right.kind === "literal") {
    return isState(statement.left) ? statesOf(statement.right.parts) : undefined;
  }
  if (statement.kind === "lookup" && statement.set.kind === "anonymous" && isState(statement.key)) {
    const listed = statement.set.elements.flatMap((element) => element.key);
    const others = listed.filter((part) => part.kind !== "name" || !isNatState(part.name));
    const matched = statesOf(others);
    if (matched === undefined || (others.length < listed.length && (matched & states) !== states)) return undefined;
    return statement.invert ? ~matched : matched;
  }
  return undefined;
}

function isState(expression: Expression): boolean {
  return expression.kind === "ct" && expression.key === "state";
}

/** The bits of names of states; a literal may hold several, separated by commas. */
function statesOf(parts: readonly Literal[]): number | undefined {
  let bits = 0;
  for (const part of parts) {
    const names = part.kind === "name" ? part.name.split(",") : [""];
    for (const name of names) {
      const state = CT_STATE.names?.[name];
      if (state === undefined) return undefined;
      bits |= state;
    }
  }
  return bits;
}
