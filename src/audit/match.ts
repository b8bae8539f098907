/**
 * Predicted against captured frames of one interface. Both come in order; frames that have no partner yet wait in a
 * window, so that one frame too many, too few or out of order does not spoil the rest.
 */

import { describe, type Fields, fieldsOf, hex } from "./fields.ts";
import { type Frame, sameFrame } from "./frame.ts";
import type { AuditPacket, Difference } from "./types.ts";

/** Frames of each side that may wait for a partner. */
const WINDOW = 512;
/** Two packets are the same one, changed, if no more fields differ than a wrong choice of endpoint and port changes. */
const DIFFERENT_FIELDS_MAX = 6;
/** Checksums follow from what they cover: told only where nothing else differs. */
const CHECKSUMS = new Set(["ip.checksum", "tcp.checksum", "udp.checksum", "sctp.checksum", "icmp.checksum"]);
/** Fields that make a packet the one it is: two that differ here are two packets. */
const IDENTITY = ["ip.proto", "ip.frag_offset", "ip.fragment", "tcp.seq", "icmp.type"];

/** A frame that waits, taken apart when it is first compared. */
interface Waiting extends Frame {
  fields?: Fields;
  identity?: string;
}

export class Matcher {
  readonly #interface: string;
  readonly #predicted: Waiting[] = [];
  readonly #captured: Waiting[] = [];
  outbound = 0;
  matched = 0;
  readonly missing: AuditPacket[] = [];
  readonly extra: AuditPacket[] = [];
  readonly different: Difference[] = [];

  constructor(interfaceName: string) {
    this.#interface = interfaceName;
  }

  predict(frame: Frame): void {
    if (!this.#matches(frame, this.#captured, (other) => sameFrame(frame, other))) this.#predicted.push(frame);
  }

  capture(frame: Frame): void {
    this.outbound += 1;
    if (!this.#matches(frame, this.#predicted, (other) => sameFrame(other, frame))) this.#captured.push(frame);
  }

  /** Gives up on frames that have waited too long; at the end on all. */
  settle(atEnd: boolean): void {
    const waiting = atEnd ? 0 : WINDOW;
    while (this.#captured.length > waiting) this.#giveUpCaptured(this.#captured.shift()!);
    while (this.#predicted.length > waiting) this.missing.push(this.#told(this.#predicted.shift()!));
  }

  #matches(frame: Frame, others: Frame[], same: (other: Frame) => boolean): boolean {
    const index = others.findIndex((other) => other.key === frame.key && same(other));
    if (index < 0) return false;
    others.splice(index, 1);
    this.matched += 1;
    return true;
  }

  /** The likeliest predicted frame is told as different; with none alike, the captured frame is one too many. */
  #giveUpCaptured(captured: Waiting): void {
    let best: { index: number; differences: Difference[] } | undefined;
    for (const [index, predicted] of this.#predicted.entries()) {
      if (identityOf(predicted) !== identityOf(captured)) continue;
      const differences = compare(predicted, captured);
      if (differences === undefined) continue;
      if (best === undefined || differences.length < best.differences.length) best = { index, differences };
    }
    if (best === undefined) {
      this.extra.push(this.#told(captured));
      return;
    }
    this.#predicted.splice(best.index, 1);
    this.different.push(...best.differences);
  }

  #told(frame: Frame): AuditPacket {
    return { n: frame.n, interface: this.#interface, packet: describe(frame.packet) };
  }
}

/** Undefined: these are two packets, not one that differs. */
function compare(predicted: Waiting, captured: Waiting): Difference[] | undefined {
  const [ours, theirs] = [takenApart(predicted), takenApart(captured)];
  const differences: Difference[] = [];
  const tell = (field: string, a = "", b = "") => {
    if (a !== b) differences.push({ n: captured.n, field, predicted: a, captured: b });
  };
  tell("link", hex(predicted.link), hex(captured.link));
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    if ((name === "ip.id" || name === "ip.flow") && predicted.nodeMade) continue;
    tell(name, ours.get(name), theirs.get(name));
  }
  const telling = differences.filter(({ field }) => !CHECKSUMS.has(field));
  if (telling.length > DIFFERENT_FIELDS_MAX) return undefined;
  return telling.length > 0 ? telling : differences;
}

function identityOf(frame: Waiting): string {
  frame.identity ??= IDENTITY.map((name) => takenApart(frame).get(name) ?? "").join(" ");
  return frame.identity;
}

function takenApart(frame: Waiting): Fields {
  frame.fields ??= fieldsOf(frame.packet);
  return frame.fields;
}
