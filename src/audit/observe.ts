/** Watches a replay: collects captured outbound frames and predicted ones, interface by interface, and matches them. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { REASON_ADOPTED, VERDICT_FORWARD } from "../../assembly/layout/verdict.ts";
import { readOutcome } from "../engine/descriptors.ts";
import type { Engine } from "../engine/instance.ts";
import type { NodeNetwork } from "../network/types.ts";
import { linkBytesOf } from "../replay/link.ts";
import { outputFrames } from "../replay/output.ts";
import type { ObservedBatch, Observer } from "../replay/types.ts";
import { describe } from "./fields.ts";
import { isLinkLocalMulticast, isNodeMade, makeFrame } from "./frame.ts";
import { Matcher } from "./match.ts";
import { AUDIT_SCHEMA, type Audit, type NotAllowed } from "./types.ts";

/** Link types of what is written for each interface, by index. */
export type LinkTypes = readonly number[];

export class AuditObserver implements Observer {
  readonly #engine: Engine;
  readonly #network: NodeNetwork;
  readonly #linkTypes: LinkTypes;
  /** By interface index; the loopback is not compared: its frames have partial checksums. */
  readonly #matchers: readonly (Matcher | undefined)[];
  /** Frames of connections that the node's processes opened and no input shows: there is nothing to predict them from. */
  #own = 0;
  readonly #notAllowed: NotAllowed[] = [];

  constructor(engine: Engine, network: NodeNetwork, linkTypes: LinkTypes) {
    this.#engine = engine;
    this.#network = network;
    this.#linkTypes = linkTypes;
    this.#matchers = network.interfaces.map((device) => (device.loopback ? undefined : new Matcher(device.name)));
  }

  after({ first, count, numberOf }: ObservedBatch): void {
    for (let index = first; index < first + count; index++) {
      this.#collectCaptured(index, numberOf(index));
      this.#collectPredicted(index, numberOf(index));
      this.#collectNotAllowed(index, numberOf(index));
    }
    for (const matcher of this.#matchers) matcher?.settle(false);
  }

  result(): Audit {
    const matchers = this.#matchers.filter((matcher) => matcher !== undefined);
    for (const matcher of matchers) matcher.settle(true);
    const byNumber = (a: { readonly n: number }, b: { readonly n: number }) => a.n - b.n;
    return {
      schema: AUDIT_SCHEMA,
      outbound: matchers.reduce((sum, matcher) => sum + matcher.outbound, 0),
      matched: matchers.reduce((sum, matcher) => sum + matcher.matched, 0),
      missing: matchers.flatMap((matcher) => matcher.missing).sort(byNumber),
      extra: matchers.flatMap((matcher) => matcher.extra).sort(byNumber),
      different: matchers.flatMap((matcher) => matcher.different).sort(byNumber),
      own: this.#own,
      choices: { followed: this.#engine.counter(Layout.FOLLOWED), notAllowed: this.#notAllowed },
    };
  }

  #collectCaptured(index: number, n: number): void {
    const at = this.#engine.descriptor(index);
    const { memory } = this.#engine;
    const flags = memory.getUint16(at + Descriptor.FLAGS, true);
    if ((flags & Descriptor.FLAG_OUTBOUND) === 0 || (flags & Descriptor.FLAG_NOT_IP) !== 0) return;
    const matcher = this.#matchers[memory.getUint16(at + Descriptor.IN_INTERFACE, true)];
    if (matcher === undefined) return;
    if (memory.getUint8(at + Descriptor.REASON) === REASON_ADOPTED) {
      this.#own += 1;
      return;
    }
    const frame = this.#engine.bytes(
      memory.getUint32(at + Descriptor.FRAME, true),
      memory.getUint32(at + Descriptor.FRAME_BYTES, true),
    );
    const linkBytes = memory.getUint16(at + Descriptor.LINK_BYTES, true);
    if (isLinkLocalMulticast(frame.subarray(linkBytes))) return;
    matcher.capture(makeFrame(n, frame, linkBytes, this.#network.linkAddresses, false));
  }

  /** The packet is told as it was predicted to leave. */
  #collectNotAllowed(index: number, n: number): void {
    const { memory } = this.#engine;
    if (memory.getUint8(this.#engine.descriptor(index) + Descriptor.REFUSED_CHOICE) === 0) return;
    const { packet, packetBytes } = readOutcome(this.#engine, index);
    this.#notAllowed.push({ n, packet: describe(this.#engine.bytes(packet, packetBytes)) });
  }

  #collectPredicted(index: number, n: number): void {
    const at = this.#engine.descriptor(index);
    const { memory } = this.#engine;
    const begin = memory.getUint32(at + Descriptor.OUTPUT_BEGIN, true);
    const end = memory.getUint32(at + Descriptor.OUTPUT_END, true);
    if (end <= begin) return;
    const forwarded = memory.getUint8(at + Descriptor.VERDICT) === VERDICT_FORWARD;
    const records = this.#engine.bytes(this.#engine.field(Layout.OUTPUT) + begin, end - begin);
    for (const sent of outputFrames(records, this.#engine.configuration.outputFormat)) {
      const matcher = this.#matchers[sent.interface];
      if (matcher === undefined) continue;
      const linkBytes = linkBytesOf(this.#linkTypes[sent.interface] ?? 0, sent.frame);
      const packet = sent.frame.subarray(linkBytes);
      if (isLinkLocalMulticast(packet)) continue;
      const nodeMade = isNodeMade(packet, forwarded);
      matcher.predict(makeFrame(n, sent.frame, linkBytes, this.#network.linkAddresses, nodeMade));
    }
  }
}
