/** `sluice check`: what it prints and how it ends. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { checkCommand } from "../../src/cli/check.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-check-"));
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text);
  return join(directory, name);
}

/** The lines on stdout, colours and the folder taken out, and the exit code. */
async function check(...args: readonly string[]): Promise<{ lines: string[]; code: unknown }> {
  let output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
  await checkCommand().parseAsync(args, { from: "user" });
  const code = process.exitCode;
  process.exitCode = undefined;
  const plain = pc.isColorSupported ? output.replace(COLOURS, "") : output;
  return { lines: plain.replaceAll(`${directory}/`, "").trimEnd().split("\n"), code };
}

describe("sluice check", () => {
  it("counts what it has found to be good", async () => {
    expect(await check("-f", `${EXAMPLES}kimho`)).toEqual({
      lines: ["0 errors, 0 warnings; 7 valid objects (1 Service, 1 EndpointSlice, 2 Node, 3 Pod)"],
      code: 0,
    });
  });

  it("prints place, object, field, message, the line and the remedy", async () => {
    const path = await file(
      "web.yaml",
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - port: 800000\n    targetprt: 1\n",
    );
    expect(await check("-f", path)).toEqual({
      lines: [
        'web.yaml:6:11: error: Service "default/web": spec.ports[0].port: Invalid value: 800000: must be between 1 and 65535, inclusive',
        "  6 |   - port: 800000",
        "    |           ^",
        'web.yaml:7:5: error: Service "default/web": unknown field "spec.ports[0].targetprt"',
        "  7 |     targetprt: 1",
        "    |     ^",
        '  did you mean "targetPort"?',
        "2 errors, 0 warnings; 0 valid objects",
      ],
      code: 1,
    });
  });

  it("ends well when there are only warnings", async () => {
    const path = await file(
      "close.yaml",
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.96.0.1, ports: [{port: 80}], trafficDistribution: PreferClose}\n",
    );
    const { lines, code } = await check("-f", path);
    expect(lines[0]).toBe(
      'close.yaml:4:72: warning: Service "default/web": spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    );
    expect(lines.at(-1)).toBe("0 errors, 1 warning; 1 valid object (1 Service)");
    expect(code).toBe(0);
  });

  it("holds an update against what is there", async () => {
    const web = (address: string) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: ${address}, ports: [{port: 80}]}\n`;
    const before = await file("old.yaml", web("10.96.0.1"));
    const after = await file("new.yaml", web("10.96.0.2"));
    const { lines, code } = await check("-f", after, "--against", before);
    expect(lines[0]).toBe(
      'new.yaml:4:19: error: Service "default/web": spec.clusterIPs[0]: Invalid value: ["10.96.0.2"]: may not change once set',
    );
    expect(code).toBe(1);
    expect((await check("-f", before, "--against", before)).code).toBe(0);
  });

  it("tells an empty file and a missing one", async () => {
    const empty = await file("empty.yaml", "# nothing\n");
    expect(await check("-f", empty)).toEqual({
      lines: ["error: no objects found in empty.yaml", "1 error, 0 warnings; 0 valid objects"],
      code: 1,
    });
    expect((await check("-f", join(directory, "missing.yaml"))).lines[0]).toBe(
      'error: the path "missing.yaml" does not exist',
    );
  });

  it("checks a proxy configuration too", async () => {
    const path = await file(
      "proxy.yaml",
      "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftable\n",
    );
    expect((await check("--proxy-config", path)).lines).toEqual([
      'proxy.yaml:3:7: error: KubeProxyConfiguration: mode: Unsupported value: "nftable": supported values: "iptables", "ipvs", "nftables"',
      "  3 | mode: nftable",
      "    |       ^",
      '  did you mean "nftables"?',
      "1 error, 0 warnings; 0 valid objects",
    ]);
  });

  it("does not let a manifest steer the terminal", async () => {
    const path = await file("escape.yaml", "a: 1\u001B[2J\n");
    const { lines } = await check("-f", path);
    expect(lines.join("")).not.toContain("\u001B[2J");
  });

  it("wants something to check", async () => {
    await expect(check()).rejects.toMatchObject({ exitCode: 2 });
  });
});
