/** `--help`: of sluice, and of every command that it lists. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli, removeCli, sluice } from "./run.ts";

beforeAll(bundleCli);
afterAll(removeCli);

/** What stands under "Commands:", an entry a line; "help" is commander's own. */
async function listedCommands(): Promise<string[]> {
  const { code, stdout } = await sluice(["--help"]);
  expect(code).toBe(0);
  const [, listed = ""] = stdout.split("Commands:\n");
  return [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!).filter((name) => name !== "help");
}

test("every command's help is printed", async () => {
  const commands = await listedCommands();
  expect(commands).toContain("generate");
  for (const name of commands) {
    const { code, stdout, stderr } = await sluice([name, "--help"]);
    expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
    expect(stdout).toContain(`Usage: sluice ${name} `);
  }
});
