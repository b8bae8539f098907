/** Without a node, a replay that translates nothing writes every capture back as it came. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { bytesSource } from "../../src/capture/bytes.ts";
import { openCapture } from "../../src/capture/file-node.ts";
import { CaptureReader } from "../../src/capture/reader.ts";
import type { CaptureSource } from "../../src/capture/types.ts";
import { Cluster, replay } from "../../src/index.ts";
import { openCaptureFile } from "../../src/node.ts";
import { CaptureEngine } from "../capture/engine.ts";
import { concat } from "../support/bytes.ts";
import { REPLAY_WAYS } from "../support/variant.ts";

const FIXTURES = "test/fixtures/captures";
const captures = (await readdir(FIXTURES)).filter((name) => !name.endsWith(".md"));
const manifests = Cluster.parse(`
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.255.254, ports: [{port: 80}]}
`);

let engine: CaptureEngine;
beforeAll(async () => {
  engine = await CaptureEngine.create();
});

test.each(captures)("%s", async (name) => {
  const path = join(FIXTURES, name);
  const parts: Uint8Array[] = [];
  const { report } = await replay({
    manifests,
    captures: [await openCaptureFile(path)],
    ...REPLAY_WAYS,
    output: (bytes) => {
      parts.push(bytes.slice());
    },
  });
  const before = await framesOf(await open(path));
  expect(report.capture.packets).toBe(before.length);
  expect(await framesOf(bytesSource("out", concat(...parts)))).toEqual(before);
});

async function open(path: string): Promise<CaptureSource> {
  const source = await openCapture(path);
  if (!("read" in source)) throw new Error(source.message);
  return source;
}

/** Link type, time, length on the wire and bytes of every frame. */
async function framesOf(source: CaptureSource) {
  const reader = new CaptureReader(source, engine);
  const frames = [];
  for (let batch = await reader.nextBatch(); batch.kind === "packets"; batch = await reader.nextBatch()) {
    for (let index = batch.first; index < batch.first + batch.count; index++) {
      const { linkType, time, wireBytes, frame } = engine.seen(index);
      frames.push({ linkType, time, wireBytes, frame });
    }
  }
  await reader.close();
  return frames;
}
