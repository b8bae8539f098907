/** `sluice get connections`: of a snapshot, and at the end of captures. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";
const KNOWN = [
  "ipv4     2 tcp      6 999 ESTABLISHED src=10.244.1.30 dst=10.96.24.6 sport=4000 dport=80 packets=3 bytes=180 src=10.244.1.11 dst=10.244.1.30 sport=8080 dport=4000 packets=2 bytes=120 [ASSURED] mark=7 zone=3 use=1",
  "ipv6     10 icmpv6   58 29 src=fd00::1 dst=fd00::2 type=128 code=0 id=77 packets=1 bytes=64 [UNREPLIED] src=fd00::2 dst=fd00::1 type=129 code=0 id=77 packets=0 bytes=0 mark=0 use=1",
];

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-connections-"));
  await writeFile(join(folder, "conntrack.txt"), KNOWN.join("\n"));
  await bundleCli();
});
afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

async function got(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await sluice(["get", "connections", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

describe("a snapshot's connections", () => {
  test("are a table", async () => {
    expect((await got("--snapshot", folder)).split("\n")).toEqual([
      "PROTOCOL   STATE         SOURCE             DESTINATION     SERVICE   ENDPOINT",
      "tcp        ESTABLISHED   10.244.1.30:4000   10.96.24.6:80   <none>    <none>",
      "icmpv6     <none>        [fd00::1]:77       fd00::2         <none>    <none>",
      "",
    ]);
  });

  test("have the Services of manifests that are named", async () => {
    const [, tcp] = (await got("--snapshot", folder, ...KIMHO)).split("\n");
    expect(tcp).toMatch(/ default\/kimho:80 +10\.244\.1\.11:8080$/);
  });

  test("have more columns with -o wide", async () => {
    const [header, tcp] = (await got("--snapshot", folder, "-o", "wide")).split("\n");
    expect(header).toMatch(/ENDPOINT +REPLY SOURCE +REPLY DESTINATION +STATUS +PACKETS +BYTES +MARK +ZONE$/);
    expect(tcp).toMatch(/10\.244\.1\.11:8080 +10\.244\.1\.30:4000 +seen-reply,assured,dst-nat +3\/2 +180\/120 +7 +3$/);
  });

  test("are the same as JSON and as YAML", async () => {
    const json = JSON.parse(await got("--snapshot", folder, "-o", "json")) as { connections: object[] };
    expect(json).toMatchObject({ schema: "sluice/connections/v1", connections: [{ mark: 7, zone: 3 }, {}] });
    expect(load(await got("--snapshot", folder, "-o", "yaml"))).toEqual(json);
  });

  test("may be none", async () => {
    const empty = await mkdtemp(join(tmpdir(), "sluice-no-connections-"));
    await writeFile(join(empty, "conntrack.txt"), "");
    const { stdout, stderr, code } = await sluice(["get", "connections", "--snapshot", empty]);
    await rm(empty, { recursive: true });
    expect({ stdout, stderr, code }).toEqual({ stdout: "", stderr: "No connections found.\n", code: 0 });
  });
});

test("at the end of captures they are those that the report calls open", async () => {
  const json = JSON.parse(await got(...KIMHO, CAPTURE, "-o", "json")) as { connections: { service?: string }[] };
  const replay = await sluice(["replay", ...KIMHO, CAPTURE, "-o", "json"]);
  expect(json.connections).toHaveLength((JSON.parse(replay.stdout) as Report).connections.open);
  expect(new Set(json.connections.map(({ service }) => service))).toEqual(
    new Set(["default/kimho:80", "default/kimho:406"]),
  );
});

test.each([
  [[], "no connections are named"],
  [["--snapshot", "x", "-l", "app=web"], "connections have no labels"],
  [["--snapshot", "x", "-o", "name"], "connections have no names"],
])("wrong usage: %j", async (args, message) => {
  const { code, stderr } = await sluice(["get", "connections", ...args]);
  expect({ code, says: stderr.includes(message) }).toEqual({ code: 2, says: true });
});
