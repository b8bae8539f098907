/**
 * Every recording of a real node in the golden data, audited: nothing missing, nothing extra, nothing different. The
 * data is large and lies beside the repository (../shared/golden, or where SLUICE_GOLDEN says); one recording is here.
 */

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Audit } from "../../src/audit/types.ts";
import { prepare } from "../../src/cli/setup.ts";
import { engineWasm } from "../../src/engine/wasm-node.ts";
import type { ProxyConfiguration } from "../../src/proxy/types.ts";
import { replayCaptures } from "../../src/replay/replay.ts";
import { GOLDEN_BESIDE, GOLDEN_ROOT } from "../support/golden.ts";
import { writeGoldenEvents } from "../support/golden-events.ts";
import { REPLAY_WAYS } from "../support/variant.ts";

/** Mode direct promises what mode nftables does: the recordings of a node in that mode are its own, too. */
const MODES = { nftables: ["nftables", "direct"], iptables: ["iptables"] } as const;
/** Some recordings show that nothing leaves; on average they show more. */
const FRAMES_MIN = 300;

interface Recording {
  readonly root: string;
  readonly scenario: string;
  /** "packets-nftables", "packets-extra6-iptables" … */
  readonly name: string;
}

const recordings = [GOLDEN_ROOT, GOLDEN_BESIDE].filter((root) => existsSync(root)).flatMap(recordingsIn);
const table: string[] = [];
let frames = 0;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-golden-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
  if (process.env.SLUICE_AUDIT_TABLE) process.stdout.write(`${table.join("\n")}\n`);
});

const audits = recordings.flatMap((recording) =>
  MODES[modeOf(recording)].map((mode) => ({ recording, mode, title: `${recording.scenario} ${recording.name}` })),
);

test.each(audits)("$title, mode $mode", async ({ recording, mode, title }) => {
  const { outbound, matched, missing, extra, different, choices } = await audit(recording, mode);
  table.push(`${title}\t${mode}\t${matched}/${outbound}`);
  expect({ missing, extra, different, notAllowed: choices.notAllowed }).toEqual({
    missing: [],
    extra: [],
    different: [],
    notAllowed: [],
  });
  expect(matched).toBe(outbound);
  frames += matched;
});

test("there is much to compare", () => {
  expect(frames / audits.length).toBeGreaterThan(FRAMES_MIN);
});

function modeOf({ name }: Recording): keyof typeof MODES {
  return name.endsWith("iptables") ? "iptables" : "nftables";
}

async function audit(recording: Recording, mode: ProxyConfiguration["mode"]): Promise<Audit> {
  const { root, scenario, name } = recording;
  const home = join(root, scenario);
  const snapshot = join(home, name);
  const host = join(snapshot, "local-out.pcap.gz");
  const { captures, program, steps } = await prepare([join(snapshot, "capture.pcapng.gz")], {
    file: [join(home, "manifests.yaml")],
    proxyConfig: join(home, `kube-proxy-config.${modeOf(recording)}.json`),
    mode,
    snapshot,
    events: writeGoldenEvents(snapshot, directory),
    fromHost: existsSync(host) ? [host] : [],
    at: [],
    ruleset: [],
    sysctl: [],
    serviceCidr: [],
    lbPool: [],
    seed: 1,
    optimise: REPLAY_WAYS.optimise,
  });
  const result = await replayCaptures({
    engine: engineWasm(),
    program,
    captures,
    steps,
    audit: true,
    fastPath: REPLAY_WAYS.fastPath,
  });
  expect(result.problems).toEqual([]);
  return result.audit as Audit;
}

function recordingsIn(root: string): Recording[] {
  const directories = (path: string) =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return directories(root).flatMap((scenario) =>
    directories(join(root, scenario))
      .filter((name) => existsSync(join(root, scenario, name, "capture.pcapng.gz")))
      .map((name) => ({ root, scenario, name })),
  );
}
