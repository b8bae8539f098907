/**
 * Which filter chains provably decide alike over all packets of a connection that nobody has answered: by nothing but what
 * these have in common. Of what they do only a mark may be seen by later chains, and that is the same each time.
 */

import type {
  Chain,
  CtKey,
  Element,
  Expression,
  MetaKey,
  NamedSet,
  Rule,
  ServiceLookup,
  SetReference,
  Statement,
  Table,
  Verdict,
} from "../ruleset/types.ts";
import { plainStatements } from "../ruleset/xt.ts";
import { chainOf, chanceOf, DEPTH_MAX, newStates } from "./established.ts";

/** What is the same of all packets of a direction that come in by one interface, if nobody writes to the connection. */
const META: ReadonlySet<MetaKey> = new Set([
  "l4proto",
  "nfproto",
  "protocol",
  "mark",
  "iif",
  "oif",
  "iifname",
  "oifname",
]);
const CONNECTION: ReadonlySet<CtKey> = new Set([
  "state",
  "status",
  "direction",
  "l3proto",
  "protocol",
  "ip saddr",
  "ip daddr",
  "ip6 saddr",
  "ip6 daddr",
  "proto-src",
  "proto-dst",
]);
/** Of headers from IP's on. */
const FIELDS: ReadonlySet<string> = new Set(["saddr", "daddr", "sport", "dport"]);

/**
 * True if no rule that such a packet can meet from the base chain on decides by anything else, counts, draws, or leaves
 * something behind. `changed`: names of sets that rules change.
 */
export function isNewSteady(table: Table, chain: Chain, changed: ReadonlySet<string>): boolean {
  return chain.base !== undefined && new Walk(table, newStates(chain.base), changed).isSteady(chain);
}

/** What comes behind a rule: the next one, for certain no rule of its chain, or nothing can be said. */
type Outcome = "next" | "end" | "unsteady";

class Walk {
  readonly #table: Table;
  readonly #states: number;
  readonly #changed: ReadonlySet<string>;
  readonly #known = new Map<Chain, boolean>();
  readonly #knownSets = new Map<string, NamedSet>();
  #depth = 0;

  constructor(table: Table, states: number, changed: ReadonlySet<string>) {
    this.#table = table;
    this.#states = states;
    this.#changed = changed;
  }

  isSteady(chain: Chain): boolean {
    const known = this.#known.get(chain);
    if (known !== undefined) return known;
    if (this.#depth === DEPTH_MAX) return false;
    this.#known.set(chain, false);
    this.#depth++;
    const isSteady = this.#areSteady(chain.rules);
    this.#depth--;
    this.#known.set(chain, isSteady);
    return isSteady;
  }

  #areSteady(rules: readonly Rule[]): boolean {
    for (const { statements } of rules) {
      const outcome = this.#meet(plainStatements(statements));
      if (outcome !== "next") return outcome === "end";
    }
    return true;
  }

  #meet(statements: readonly Statement[]): Outcome {
    let isMet = true;
    for (const statement of statements) {
      const chance = chanceOf(statement, this.#states);
      if (chance === "never") return "next";
      if (!this.#isStatementSteady(statement)) return "unsteady";
      if (isMet && isLeaving(statement)) return "end";
      if (chance === "maybe") isMet = false;
    }
    return "next";
  }

  #isStatementSteady(statement: Statement): boolean {
    switch (statement.kind) {
      case "match":
        return this.#isValueSteady(statement.left) && this.#isValueSteady(statement.right);
      case "lookup":
        return this.#isValueSteady(statement.key) && this.#isConstant(statement.set);
      case "vmap":
        return this.#isValueSteady(statement.key) && this.#isVerdictMapSteady(statement.map);
      case "alternatives":
        return statement.of.every((statements) => statements.every((one) => this.#isStatementSteady(one)));
      case "mangle":
        return statement.target === "meta mark" && this.#isValueSteady(statement.value);
      case "service":
        return this.#isServiceSteady(statement);
      case "verdict":
        return this.#isVerdictSteady(statement.verdict);
      case "reject":
        return true;
      default:
        return false;
    }
  }

  #isValueSteady(value: Expression): boolean {
    switch (value.kind) {
      case "payload":
        return value.protocol !== "ether" && FIELDS.has(value.field);
      case "meta":
        return META.has(value.key);
      case "ct":
        return CONNECTION.has(value.key);
      case "fib":
      case "literal":
        return true;
      case "combined":
        return this.#isValueSteady(value.left) && this.#isValueSteady(value.right);
      case "bitwise":
      case "sum":
      case "mask":
        return this.#isValueSteady(value.left);
      case "concat":
        return value.parts.every((part) => this.#isValueSteady(part));
      case "map":
        return this.#isValueSteady(value.key) && this.#isConstant(value.map);
      default:
        return false;
    }
  }

  /** Nothing about a packet changes what is found, and finding it changes nothing. */
  #isConstant(set: SetReference): boolean {
    const elements = this.#elementsOf(set);
    return elements !== undefined && areConstant(elements);
  }

  /** Those of a set that stays as it is while the program runs. */
  #elementsOf(set: SetReference): readonly Element[] | undefined {
    if (set.kind === "anonymous") return set.elements;
    const { name } = set;
    const found = this.#knownSets.get(name) ?? this.#table.sets.find((one) => one.name === name);
    if (found === undefined || found.statements !== undefined || this.#changed.has(name)) return undefined;
    this.#knownSets.set(name, found);
    return found.flags.includes("dynamic") || found.flags.includes("timeout") ? undefined : found.elements;
  }

  #isVerdictMapSteady(map: SetReference): boolean {
    const elements = this.#elementsOf(map);
    if (elements === undefined || !areConstant(elements)) return false;
    return elements.every(({ value }) => value === undefined || !("kind" in value) || this.#isVerdictSteady(value));
  }

  #isVerdictSteady(verdict: Verdict): boolean {
    if (!("chain" in verdict)) return true;
    const chain = chainOf(this.#table, verdict.chain);
    return chain !== undefined && this.isSteady(chain);
  }

  #isServiceSteady(lookup: ServiceLookup): boolean {
    if (lookup.question !== "refusal") return false;
    const { nowhere, clusterIps, rejectChain } = lookup;
    return (
      this.#isVerdictMapSteady({ kind: "named", name: nowhere }) &&
      this.#isConstant({ kind: "named", name: clusterIps }) &&
      this.#isVerdictSteady({ kind: "jump", chain: rejectChain })
    );
  }
}

const knownConstant = new WeakMap<readonly Element[], boolean>();

/** None of the elements keeps something for itself. Most lists are the same from one program to the next. */
function areConstant(elements: readonly Element[]): boolean {
  const known = knownConstant.get(elements) ?? elements.every(({ statements }) => statements === undefined);
  knownConstant.set(elements, known);
  return known;
}

function isLeaving(statement: Statement): boolean {
  if (statement.kind !== "verdict") return statement.kind === "reject";
  const { kind } = statement.verdict;
  return kind !== "jump" && kind !== "continue";
}
