/**
 * An engine whose halves are brought up to date does what one does that gets each program whole and as it is written: the
 * same random packets between random updates leave the same bytes, and the program is in memory as the one compiled anew.
 * SLUICE_SEED chooses others.
 */

import { describe, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { CompileCache } from "../../src/program/cache.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { withRuleCounters } from "../../src/program/counters.ts";
import { SetIds } from "../../src/program/set-ids.ts";
import { generateRules, RulesHistory } from "../../src/proxy/generate.ts";
import type { Chain, Ruleset, Table } from "../../src/ruleset/types.ts";
import { BUILDS, TestNode } from "../support/engine.ts";
import { ip } from "../support/packet.ts";
import { PLAIN_NODE, UPLINK_ADDRESS } from "../support/plain-node.ts";
import { programForm } from "../support/program-form.ts";
import { proxyConfiguration, proxyNode } from "../support/proxy.ts";
import { Random, SEED } from "../support/random.ts";
import { clusterIpOf, nodePortOf, RandomServices } from "../support/random-services.ts";
import { tcp } from "../support/transport.ts";
import { AS_WRITTEN } from "../support/variant.ts";

const SERVICES = 20;
const UPDATES = 40;
const PACKETS = 12;

for (const build of BUILDS) {
  describe(`an updated engine, ${build} build`, () => {
    it.each([
      ["nftables", "as kube-proxy writes them", AS_WRITTEN, plain],
      ["iptables", "as kube-proxy writes them", AS_WRITTEN, plain],
      ["iptables", "optimised", 2, plain],
      ["direct", "as sluice has them", AS_WRITTEN, plain],
      ["nftables", "with counters", AS_WRITTEN, counting],
      ["iptables", "with counters", AS_WRITTEN, counting],
      ["iptables", "with counters, optimised", 2, counting],
    ] as const)(`does what one does that got the program whole: %s rules %s, SLUICE_SEED=${SEED}`, async (...row) => {
      const [mode, , indexFrom, forms] = row;
      const random = new Random(SEED);
      const services = new RandomServices(random, SERVICES);
      const history = new RulesHistory();
      const form = forms();
      const rulesNow = () => form(generateRules(services.cluster, proxyNode(), proxyConfiguration({ mode }), history));
      const options = { build, network: PLAIN_NODE, ruleset: rulesNow() };
      const updated = await TestNode.create({ ...options, indexFrom, cache: new CompileCache() });
      const whole = await TestNode.create({ ...options, indexFrom: AS_WRITTEN });
      const setIds = new SetIds();
      const anew = (ruleset: Ruleset) => compileProgram({ ruleset, network: PLAIN_NODE, setIds, indexFrom });
      anew(options.ruleset);
      for (let update = 0; update < UPDATES; update++) {
        for (let n = 0; n < PACKETS; n++) expectSame(random, updated, whole);
        services.change();
        const ruleset = rulesNow();
        for (const node of [updated, whole]) node.load(ruleset);
        const running = programForm(updated.program, ruleset, runningProgram(updated));
        expect(running).toBe(programForm(anew(ruleset), ruleset));
      }
    });
  });
}

function plain(): (rules: Ruleset) => Ruleset {
  return (rules) => rules;
}

/** Chains with counters in their rules: the same objects as long as they are without. */
function counting(): (rules: Ruleset) => Ruleset {
  const known = new Map<Chain, Chain>();
  const counted = (table: Table, chain: Chain): Chain => {
    const made =
      known.get(chain) ?? withRuleCounters({ tables: [{ ...table, chains: [chain] }] }).tables[0]!.chains[0]!;
    known.set(chain, made);
    return made;
  };
  return ({ tables }) => ({
    tables: tables.map((table) => ({ ...table, chains: table.chains.map((chain) => counted(table, chain)) })),
  });
}

/** A client opens a connection to a Service, to a node port or to nobody. */
function expectSame(random: Random, updated: TestNode, whole: TestNode): void {
  const n = random.below(SERVICES + 6);
  const [dst, port] = random.once(3) ? [UPLINK_ADDRESS, nodePortOf(n)] : [clusterIpOf(n), 80];
  const src = random.once(2) ? `10.244.1.${100 + random.below(20)}` : `192.168.10.${20 + random.below(20)}`;
  const packet = ip({ src, dst }, tcp({ src: 1024 + random.below(60_000), dst: port, flags: "S" }));
  const link = src.startsWith("10.") ? "pod0" : "eth0";
  const [a, b] = [updated, whole].map((node) => node.receive(link, packet));
  expect(a).toEqual(b);
}

function runningProgram({ engine, program }: TestNode): Uint8Array {
  return engine.bytes(engine.field(Layout.PROGRAM), program.image.length);
}
