/** Rulesets as the programs of real nodes write them: read, printed as nft lists them, and run but for what is named. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/program/compile.ts";
import { asProblem } from "../../src/program/problem.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetJson } from "../../src/ruleset/nft-json-print.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { plainNetwork } from "../engine/rules-engine.ts";

/** What of each is not run. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  firewalld: [
    'warning: f.json: table inet firewalld, chain filter_IN_public_allow, rule handle 49: helpers are not run: connections of "helper-ftp-tcp" have no related ones',
  ],
  docker: [],
  calico: [],
  "host-firewall": [],
  kubelet: [
    "warning: tables of family bridge are not run (bridge filter)",
    "warning: tables of family netdev are not run (netdev guard)",
  ],
};

describe.each(Object.entries(NAMED))("%s", (name, named) => {
  const json = fixture(`${name}.json`);
  const { ruleset, problems } = readNftJson(json, "f.json");

  it("is read, and printed as nft lists it", () => {
    expect(problems).toEqual([]);
    // nft 1.0.6 leaves the devices of chains at ingress out of its JSON.
    const listed = fixture(`${name}.nft`).replace(/ device "\w+"/g, "");
    expect(rulesetText(ruleset).split("\n")).toEqual(listed.split("\n"));
  });

  it("is the same when it is read again as it is printed", () => {
    const again = readNftJson(JSON.stringify(rulesetJson(ruleset)), "f.json");
    expect(again.problems).toEqual([]);
    expect(rulesetText(again.ruleset)).toBe(rulesetText(ruleset));
  });

  it("is run but for what is named", () => {
    const told = compileProgram({ ruleset, network: plainNetwork() }).problems.map(asProblem);
    expect(told.map(({ severity, message, path }) => `${severity}: ${message}${path ? ` (${path})` : ""}`)).toEqual(
      named,
    );
  });
});

function fixture(file: string): string {
  return readFileSync(new URL(`../fixtures/rulesets/${file}`, import.meta.url), "utf8");
}
