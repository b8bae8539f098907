/** Tracing changes nothing: same verdicts, same bytes out. Off, it records nothing; full, it says how much it lost. */

import { beforeAll, describe, expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { REASON_NAMES, VERDICT_NAMES } from "../../src/engine/names.ts";
import { prepareProgram } from "../../src/library/setup.ts";
import { type TraceContext, traceContext } from "../../src/trace/context.ts";
import { packetWalks } from "../../src/trace/events.ts";
import { takeRecords } from "../../src/trace/records.ts";
import { kubeProxy } from "../kernel/rules.ts";
import { POD, POD_NARROW } from "../kernel/world.ts";
import { worldNetwork } from "../model/network.ts";
import { sampleFrames } from "../robustness/samples.ts";
import { hex } from "../support/decode.ts";
import { EngineNode, type Outcome } from "../support/engine-node.ts";
import { frame, ip } from "../support/packet.ts";
import { clusterOf } from "../support/proxy.ts";
import { udp } from "../support/transport.ts";
import { HAS_FAST_PATH } from "../support/variant.ts";

const TRACE_BYTES = 1 << 20;
const START = 1_700_000_000_000_000_000n;
const MILLISECOND = 1_000_000n;
const ruleset = kubeProxy();
const network = worldNetwork();

function create(traceBytes = TRACE_BYTES, fastPath = HAS_FAST_PATH): Promise<EngineNode> {
  return EngineNode.create({ ruleset, network, fastPath, sizes: { traceBytes } });
}

function setTracing({ engine }: EngineNode, isOn: boolean): void {
  const flags = engine.field(Layout.FLAGS);
  engine.setField(Layout.FLAGS, isOn ? flags | Layout.ENGINE_TRACE : flags & ~Layout.ENGINE_TRACE);
}

function bytesOf({ sent, verdict, reason, ct }: Outcome): object {
  return { verdict, reason, ct, sent: sent.map((one) => `${one.link} ${hex(one.frame)}`) };
}

describe("a traced packet", () => {
  let traced: EngineNode;
  let plain: EngineNode;
  let context: TraceContext;
  let time = START;
  beforeAll(async () => {
    traced = await create();
    plain = await create();
    setTracing(traced, true);
    context = traceContext(prepareProgram(clusterOf([], []), ruleset, network), ruleset);
  });

  for (const [name, sample] of Object.entries(sampleFrames())) {
    it(`is not changed by that: ${name}, whole and cut at every byte`, () => {
      for (let bytes = sample.length; bytes >= 0; bytes--) {
        time += MILLISECOND;
        const cut = sample.slice(0, bytes);
        const outcome = traced.inject("eth0", cut, time);
        expect(bytesOf(outcome), `${bytes} bytes`).toEqual(bytesOf(plain.inject("eth0", cut, time)));
        const { records, lost } = takeRecords(traced.engine);
        const [walk] = packetWalks(context, records);
        expect(lost).toBe(0);
        expect({ verdict: walk?.verdict, reason: walk?.reason }).toEqual({
          verdict: VERDICT_NAMES[outcome.verdict],
          reason: REASON_NAMES[outcome.reason],
        });
      }
    });
  }
});

describe("the trace buffer", () => {
  const from = (host: typeof POD, to: typeof POD) =>
    frame(host.mac, "02:00:00:00:01:01", ip({ src: host.ip4, dst: to.ip4 }, udp({ src: 1000, dst: 1000 })));

  it("stays empty while nothing is traced", async () => {
    const node = await create();
    node.inject("pod0", from(POD, POD_NARROW), START);
    expect(node.engine.field(Layout.TRACE_USED)).toBe(0);
  });

  it("counts what finds no room, and the packet goes on", async () => {
    const node = await create(1024);
    setTracing(node, true);
    const { verdict } = node.inject("pod0", from(POD, POD_NARROW), START);
    expect(VERDICT_NAMES[verdict]).toBe("forward");
    expect(node.engine.field(Layout.TRACE_USED)).toBeLessThanOrEqual(1024);
    expect(takeRecords(node.engine).lost).toBeGreaterThan(10);
  });

  it("has packets of established connections, too: none takes the short way", async () => {
    const node = await create(TRACE_BYTES, true);
    let time = START;
    const talk = () => {
      time += MILLISECOND;
      node.inject("pod0", from(POD, POD_NARROW), time);
      const back = ip({ src: POD_NARROW.ip4, dst: POD.ip4 }, udp({ src: 1000, dst: 1000 }));
      node.inject("pod1", frame(POD_NARROW.mac, "02:00:00:00:01:02", back), time);
    };
    const shortWay = () => node.engine.counter(Layout.FAST_PACKETS);
    for (let n = 0; n < 3; n++) talk();
    const before = shortWay();
    expect(before).toBeGreaterThan(0);
    setTracing(node, true);
    talk();
    expect(shortWay()).toBe(before);
    expect(takeRecords(node.engine).records.length).toBeGreaterThan(20);
    setTracing(node, false);
    talk();
    expect(shortWay()).toBe(before + 2);
  });
});
