/** What kube-proxy writes can be compiled, whole, from the generator's rules. */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/program.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { plainNetwork } from "../engine/rules-engine.ts";
import { goldenInput, goldenNames } from "../support/golden.ts";

const BOTH_FAMILIES = Layout.PROGRAM_TRACK4 | Layout.PROGRAM_NAT4 | Layout.PROGRAM_TRACK6 | Layout.PROGRAM_NAT6;

describe("kube-proxy's rules compile without a problem, and leave established connections alone", () => {
  test.each(goldenNames())("%s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const { image, problems } = compileProgram({
      ruleset: generateNftables(cluster, node, configuration),
      network: plainNetwork(),
    });
    expect(problems).toEqual([]);
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    expect(view.getUint32(Layout.FLAGS, true) & BOTH_FAMILIES).toBe(BOTH_FAMILIES);
    for (let hook = 0; hook < 2 * Layout.HOOKS_PER_FAMILY; hook++) {
      const list = view.getUint32(Layout.HOOKS + hook * 4, true);
      expect(view.getUint32(list + Layout.HOOK_FLAGS, true) & Layout.HOOK_ESTABLISHED_FREE).toBeTruthy();
    }
  });
});
