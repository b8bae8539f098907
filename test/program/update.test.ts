/** A program that was compiled with what earlier ones have left is, but for where its chains stand, the one compiled from nothing. */

import { describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import { CompileCache } from "../../src/program/cache.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { SetIds } from "../../src/program/set-ids.ts";
import type { Program } from "../../src/program/types.ts";
import { generateRules, RulesHistory } from "../../src/proxy/generate.ts";
import type { Chain, Element, NamedObject, NamedSet, Ruleset, Table } from "../../src/ruleset/types.ts";
import { PLAIN_NODE } from "../support/plain-node.ts";
import { programForm } from "../support/program-form.ts";
import { proxyConfiguration, proxyNode } from "../support/proxy.ts";
import { Random } from "../support/random.ts";
import { RandomServices } from "../support/random-services.ts";
import { UPDATE_CONFIGURATION, updateSequence } from "../support/update-sequence.ts";
import { RandomRules } from "./random-rules.ts";

const SERVICES = 40;
const UPDATES = 60;
const MODES = ["nftables", "iptables", "direct"] as const;

/** Compiles each ruleset twice: with a cache that has seen those before it, and from nothing. */
class Pair {
  readonly #cache = new CompileCache();
  readonly #ids = [new SetIds(), new SetIds()] as const;

  /** Expects both programs to be the same, and returns it. `fresh`: equal to the ruleset, of other objects. */
  compile(ruleset: Ruleset, fresh: Ruleset = ruleset): Program {
    const [ids, otherIds] = this.#ids;
    const updated = compileProgram({ ruleset, network: PLAIN_NODE, setIds: ids, cache: this.#cache });
    const anew = compileProgram({ ruleset: fresh, network: PLAIN_NODE, setIds: otherIds });
    expect(ruleset).toEqual(fresh);
    expect(programForm(updated, ruleset)).toBe(programForm(anew, ruleset));
    expect(updated.problems).toEqual(anew.problems);
    expectPlaces(updated);
    return updated;
  }
}

describe("an updated program is the one compiled anew", () => {
  it.each(MODES)("after each change of a sequence that kube-proxy went through, in %s mode", (mode) => {
    const configuration = { ...UPDATE_CONFIGURATION, mode };
    const pair = new Pair();
    const parts = new RulesHistory();
    let held: Cluster | undefined;
    for (const { cluster, node } of updateSequence()) {
      held = held === undefined ? cluster : shared(held, cluster);
      const ruleset = generateRules(held, node, configuration, parts);
      pair.compile(ruleset, generateRules(cluster, node, configuration));
    }
  });

  it.each(
    MODES.flatMap((mode) => [1, 2, 3].map((seed) => [mode, seed] as const)),
  )("after random changes of Services and endpoints, in %s mode (seed %i)", (mode, seed) => {
    const configuration = proxyConfiguration({ mode });
    const random = new Random(seed);
    const pair = new Pair();
    const parts = new RulesHistory();
    const services = new RandomServices(random, SERVICES);
    for (let update = 0; update < UPDATES; update++) {
      services.change();
      const { cluster } = services;
      const ruleset = generateRules(cluster, proxyNode(), configuration, parts);
      pair.compile(ruleset, generateRules(cluster, proxyNode(), configuration));
    }
  });
});

describe("an updated program of tables as nft has them is the one compiled anew", () => {
  it.each([1, 2, 3])("after random changes of chains and of sets of all kinds (seed %i)", (seed) => {
    const random = new Random(seed);
    const rules = new RandomRules(random, "ip");
    const pair = new Pair();
    let table = rules.table();
    for (let update = 0; update < UPDATES; update++) {
      table = mixed(random, table, rules.table());
      pair.compile({ tables: [table] });
    }
  });
});

describe("what is kept is not used when what it names has changed", () => {
  const target: Chain = { name: "target", rules: [] };
  const jumping: Chain = { name: "jumping", rules: [{ statements: [goTo("target")] }] };
  const asking: Chain = {
    name: "asking",
    rules: [{ statements: [{ kind: "lookup", key: SOURCE, set: { kind: "named", name: "sources" }, invert: false }] }],
  };

  it("a chain that is gone is missed by those that jump to it, until it comes back", () => {
    const pair = new Pair();
    expect(pair.compile(rulesetOf([target, jumping])).problems).toEqual([]);
    expect(pair.compile(rulesetOf([jumping])).problems).toMatchObject([{ chain: "jumping" }]);
    expect(pair.compile(rulesetOf([target, jumping])).problems).toEqual([]);
  });

  it("a set that is gone is missed by those that look into it", () => {
    const pair = new Pair();
    expect(pair.compile(rulesetOf([asking], [sources("10.0.0.1")])).problems).toEqual([]);
    expect(pair.compile(rulesetOf([asking])).problems).toMatchObject([{ chain: "asking" }]);
  });

  it("a set with other elements is another table behind the same rule", () => {
    const pair = new Pair();
    pair.compile(rulesetOf([asking], [sources("10.0.0.1")]));
    pair.compile(rulesetOf([asking], [sources("10.0.0.2", "10.0.0.3")]));
  });

  it("a set that has prefixes now is looked up in another way", () => {
    const pair = new Pair();
    const prefix: NamedSet = {
      ...sources(),
      elements: [{ key: [{ kind: "prefix", address: "10.0.0.0", length: 8 }] }],
    };
    pair.compile(rulesetOf([asking], [sources("10.0.0.1")]));
    pair.compile(rulesetOf([asking], [prefix]));
  });

  it("a set that rules change has elements of its own as soon as one does", () => {
    const pair = new Pair();
    const adding: Chain = {
      name: "adding",
      rules: [{ statements: [{ kind: "set", operation: "add", key: SOURCE, set: "sources" }] }],
    };
    expect(pair.compile(rulesetOf([asking], [sources("10.0.0.1")])).dynamicSets).toEqual([]);
    expect(pair.compile(rulesetOf([asking, adding], [sources("10.0.0.1")])).dynamicSets).toHaveLength(1);
    expect(pair.compile(rulesetOf([asking], [sources("10.0.0.1")])).dynamicSets).toEqual([]);
  });

  it("an object is missed by the rules and maps that name it, until it comes back", () => {
    const pair = new Pair();
    const counting: Chain = {
      name: "counting",
      rules: [{ statements: [{ kind: "object", object: "counter", name: "hits" }] }],
    };
    const element = {
      key: [{ kind: "address", address: "10.0.0.1" }],
      value: [{ kind: "name", name: "hits" }],
    } as const;
    const map: NamedSet = { ...sources(), name: "counters", value: ["string"], object: "counter", elements: [element] };
    const hits = { object: "counter", name: "hits", statement: { kind: "counter" } } as const;
    const compile = (objects: readonly NamedObject[]): Program =>
      pair.compile({ tables: [{ family: "ip", name: "test", objects, sets: [map], chains: [counting] }] });
    expect(compile([hits]).problems).toEqual([]);
    expect(compile([]).problems).toMatchObject([{ set: "counters" }, { chain: "counting" }]);
    expect(compile([hits]).problems).toEqual([]);
  });

  it("a key for all others comes and goes", () => {
    const pair = new Pair();
    const all: Element = { key: [{ kind: "name", name: "*" }] };
    const some = sources("10.0.0.1", "10.0.0.2");
    pair.compile(rulesetOf([asking], [some]));
    pair.compile(rulesetOf([asking], [{ ...some, elements: [...some.elements, all] }]));
    pair.compile(rulesetOf([asking], [{ ...some, elements: [...some.elements.slice(1), all] }]));
    pair.compile(rulesetOf([asking], [some]));
  });

  it("what is told of a rule is told of each program", () => {
    const pair = new Pair();
    const helped: Chain = {
      name: "helped",
      rules: [{ statements: [{ kind: "object", object: "ct helper", name: "ftp" }] }],
    };
    for (let i = 0; i < 2; i++) {
      expect(pair.compile(rulesetOf([helped])).problems).toMatchObject([{ severity: "warning", chain: "helped" }]);
    }
  });
});

const SOURCE = { kind: "payload", protocol: "ip", field: "saddr" } as const;

function goTo(chain: string) {
  return { kind: "verdict", verdict: { kind: "goto", chain } } as const;
}

function sources(...addresses: readonly string[]): NamedSet {
  const elements = addresses.map((address) => ({ key: [{ kind: "address", address }] as const }));
  return { name: "sources", key: ["ipv4_addr"], flags: [], elements };
}

/** Each instruction is told to be of the rule that has it, and of its chain; what follows it is of another. */
function expectPlaces({ ruleAt, chainAt, rules }: Program): void {
  for (const { place, begin, end } of rules()) {
    if (begin === end) continue;
    const { family, table, chain } = place;
    const told = [begin, end - 1, end].map((at) => [ruleAt(at), chainAt(at)]);
    const ofChain = { family, table, chain };
    expect(told.slice(0, 2)).toEqual([
      [place, ofChain],
      [place, ofChain],
    ]);
    expect(told[2]).not.toEqual([place, ofChain]);
  }
}

/** The later table, of which chains, sets and elements are those of the earlier one in many places, and some are gone. */
function mixed(random: Random, before: Table, after: Table): Table {
  const chains = after.chains
    .filter(({ base }) => base !== undefined || !random.once(10))
    .map((chain) => (random.once(3) ? chain : (before.chains.find(({ name }) => name === chain.name) ?? chain)));
  const sets = after.sets.map((set) => {
    const known = before.sets.find(({ name }) => name === set.name);
    if (known === undefined || random.once(3)) return known ?? set;
    const elements = [...known.elements.filter(() => !random.once(4)), ...set.elements.filter(() => random.once(4))];
    return { ...set, elements };
  });
  return { ...before, chains, sets };
}

function rulesetOf(chains: readonly Chain[], sets: readonly NamedSet[] = []): Ruleset {
  return { tables: [{ family: "ip", name: "test", sets, chains }] };
}

/** The later cluster, with the objects of the earlier one where they say the same. */
function shared(before: Cluster, after: Cluster): Cluster {
  const known = new Map(
    [...before.services, ...before.endpointSlices].map((object) => [JSON.stringify(object), object]),
  );
  const share = <T extends object>(objects: readonly T[]): T[] =>
    objects.map((object) => (known.get(JSON.stringify(object)) as T | undefined) ?? object);
  return { ...after, services: share(after.services), endpointSlices: share(after.endpointSlices) };
}
