/** Tests that ask a real Linux kernel. Where none can be asked they are skipped and say so; with SLUICE_REQUIRE_KERNEL=1 they fail. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

const TOOLS = ["ip", "nft", "iptables", "nfacct", "conntrack", "ipset", "ethtool", "sysctl"];

/** `describe`, for tests that need root, network namespaces and the tools that configure them. */
export function describeKernel(name: string, define: () => void): void {
  const obstacle = findObstacle();
  if (obstacle === undefined) {
    describe(name, define);
  } else if (process.env.SLUICE_REQUIRE_KERNEL === "1") {
    it(`${name}: has a kernel to ask`, () => expect.unreachable(`SLUICE_REQUIRE_KERNEL=1, but this ${obstacle}`));
  } else {
    describe.skip(`${name} (skipped: this ${obstacle})`, define);
  }
}

function findObstacle(): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  const missing = TOOLS.filter((tool) => !runs("sh", ["-c", `command -v ${tool}`]));
  if (missing.length > 0) return `needs ${missing.join(", ")}`;
  if (!runs("unshare", ["--net", "true"])) return "needs network namespaces";
  return undefined;
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
