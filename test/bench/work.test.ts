/**
 * Packets meet as many instructions and write as many cache lines as the figures in test/fixtures/bench/work.txt say.
 * `npm run bench:work` writes these anew; what has become more needs a reason in its commit.
 */

import { expect, test } from "vitest";
import { measureWork, workText } from "../../bench/work.ts";

const SERVICES = [10, 1000];

test("no packet costs more than it did", async () => {
  const rows = await measureWork(SERVICES);
  await expect(workText(rows)).toMatchFileSnapshot("../fixtures/bench/work.txt");
});
