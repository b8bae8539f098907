/** Tests that ask a program which is not part of Node. Where it is missing they are skipped and say so; with SLUICE_REQUIRE_KERNEL=1 they fail. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

export function describeTool(tool: string, name: string, define: () => void): void {
  if (isInstalled(tool)) describe(name, define);
  else if (process.env.SLUICE_REQUIRE_KERNEL === "1") {
    it(`${name}: has ${tool}`, () => expect.unreachable(`SLUICE_REQUIRE_KERNEL=1, but there is no ${tool}`));
  } else describe.skip(`${name} (skipped: needs ${tool})`, define);
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
