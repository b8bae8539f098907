/** `sluice get`: kubectl's tables, and objects that load again. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCli, removeCli, sluice } from "./run.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const SEEDS = `${EXAMPLES}seeds/`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-get-"));
  await bundleCli();
});
afterAll(async () => {
  await removeCli();
  await rm(directory, { recursive: true });
});

async function lines(...args: readonly string[]): Promise<string[]> {
  const { stdout, code } = await sluice(["get", ...args]);
  expect(code).toBe(0);
  return stdout.trimEnd().split("\n");
}

describe("sluice get", () => {
  it("shows Services as kubectl does, without their age", async () => {
    expect(await lines("services", "-f", `${EXAMPLES}kimho`)).toEqual([
      "NAME    TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)",
      "kimho   ClusterIP   10.96.24.6   <none>        80/TCP,443/TCP,406/TCP",
    ]);
    expect(await lines("svc", "-A", "-o", "wide", "-f", `${SEEDS}external-name.yaml`)).toEqual([
      "NAMESPACE   NAME               TYPE           CLUSTER-IP   EXTERNAL-IP    PORT(S)   SELECTOR",
      "default     abc-svc            ExternalName   <none>       abc.com        <none>    <none>",
      "default     api-on-baremetal   ExternalName   <none>       10.132.253.7   <none>    <none>",
    ]);
  });

  it("shows endpoints, slices, pods and nodes", async () => {
    const file = ["-f", `${EXAMPLES}kimho`];
    expect((await lines("endpoints", ...file))[1]).toBe(
      "kimho   10.244.1.10:8080,10.244.1.11:8080,10.244.2.10:8080 + 6 more...",
    );
    expect((await lines("endpointslices", ...file))[1]).toBe(
      "kimho-x7k2p   IPv4          8080,8443,4060   10.244.1.10,10.244.1.11,10.244.2.10",
    );
    expect(await lines("pods", "-o", "wide", ...file)).toEqual([
      "NAME          READY   STATUS    RESTARTS   IP            NODE    NOMINATED NODE   READINESS GATES",
      "kimho-pod     1/1     Running   0          10.244.1.10   node1   <none>           <none>",
      "kimho-pod-2   1/1     Running   0          10.244.1.11   node1   <none>           <none>",
      "kimho-pod-3   1/1     Running   0          10.244.2.10   node2   <none>           <none>",
    ]);
    expect((await lines("nodes", ...file))[0]).toBe("NAME    STATUS    ROLES    VERSION");
  });

  it("takes names, label selectors and several kinds", async () => {
    const file = ["-f", `${EXAMPLES}kimho`];
    expect(await lines("pods", "kimho-pod-2", "-o", "name", ...file)).toEqual(["pod/kimho-pod-2"]);
    expect(await lines("pods", "-l", "app in (kimho, other),!tier", "-o", "name", ...file)).toHaveLength(3);
    expect(await lines("pods", "-l", "app!=kimho", "-o", "name", ...file)).toEqual([""]);
    expect((await lines("svc,po", ...file)).filter((line) => line.startsWith("pod/"))).toHaveLength(3);
  });

  it("says what there is not", async () => {
    const nothing = await sluice(["get", "pods", "-n", "shop", "-f", `${EXAMPLES}kimho`]);
    expect([nothing.code, nothing.stderr]).toEqual([0, "No resources found in shop namespace.\n"]);
    const missing = await sluice(["get", "pod", "x", "-f", `${EXAMPLES}kimho`]);
    expect([missing.code, missing.stderr]).toEqual([1, 'error: pods "x" not found\n']);
    expect((await sluice(["get", "ingresses", "-f", `${EXAMPLES}kimho`])).code).toBe(2);
    expect((await sluice(["get", "pods", "-l", "a b", "-f", `${EXAMPLES}kimho`])).code).toBe(2);
    expect((await sluice(["get", "svc", "--lb-pool", "here", "-f", `${EXAMPLES}kimho`])).code).toBe(2);
    expect((await sluice(["get", "svc", "--service-cidr", "10.0.0.0", "-f", `${EXAMPLES}kimho`])).code).toBe(2);
  });

  it.each([
    ["web-service"],
    ["kimho"],
    ["headless"],
    ["endpoints"],
    ["kimho-loadbalancer"],
  ])("prints %s so that it loads again and gives the same rules", async (name) => {
    const original = ["-f", `${SEEDS}${name}.yaml`, "--lb-pool", "192.168.10.240/28"];
    const kinds = "nodes,pods,services,endpointslices";
    const { stdout } = await sluice(["get", kinds, "-A", "-o", "yaml", ...original]);
    const complete = join(directory, `${name}.yaml`);
    await writeFile(complete, stdout);
    const check = await sluice(["check", "-f", complete]);
    expect([check.stdout.match(/^\d+ errors?/m)?.[0], check.code]).toEqual(["0 errors", 0]);
    const rules = async (files: readonly string[]) =>
      (await sluice(["compile", "--mode", "nftables", ...files])).stdout;
    expect(await rules(["-f", complete])).toBe(await rules(original));
    expect((await sluice(["get", kinds, "-A", "-o", "yaml", "-f", complete])).stdout).toBe(stdout);
  });

  it("gives other names and addresses for another seed, and the same for the same", async () => {
    const yaml = async (seed: string) =>
      (await sluice(["get", "services,pods", "-o", "json", "--seed", seed, "-f", `${SEEDS}web-service.yaml`])).stdout;
    expect(await yaml("2")).toBe(await yaml("2"));
    expect(await yaml("2")).not.toBe(await yaml("3"));
  });
});
