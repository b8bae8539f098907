/**
 * When packets of the node itself were seen to leave. A capture of what its processes send (NFLOG, say) is stamped when
 * somebody reads it, which can be later than the frame on the wire: a packet is sent no later than it leaves.
 */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import { FRAGMENT, TCP } from "../../assembly/layout/protocol.ts";
import type { Engine } from "../engine/instance.ts";
import type { Batch } from "./merge.ts";

/** A stamp is not believed to be later than this. */
const LATE_MAX_NANOSECONDS = 100_000_000n;
/** A stamp in microseconds has been cut off: the packet was sent up to so much later. */
const CUT_NANOSECONDS = 999n;
/** Packets in a generation; two are remembered. */
const GENERATION_MAX = 1 << 16;

export class OutboundTimes {
  readonly #engine: Engine;
  #older = new Map<string, bigint[]>();
  #newer = new Map<string, bigint[]>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Remembers the outbound frames of a batch that has been walked. */
  note({ first, count }: Batch): void {
    if (this.#newer.size > GENERATION_MAX) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    for (let index = first; index < first + count; index++) {
      const at = this.#engine.descriptor(index);
      if ((this.#engine.memory.getUint16(at + Descriptor.FLAGS, true) & Descriptor.FLAG_OUTBOUND) === 0) continue;
      const identity = identityOf(this.#engine, index);
      const times = this.#newer.get(identity);
      if (times === undefined) this.#newer.set(identity, [timeOf(this.#engine, index)]);
      else times.push(timeOf(this.#engine, index));
    }
  }

  /**
   * When the node's own packet was sent: just before it was seen to leave; else as late as its stamp allows, because
   * what caused it came before.
   */
  sentAt(index: number): bigint {
    const stamp = timeOf(this.#engine, index);
    const identity = identityOf(this.#engine, index);
    for (const generation of [this.#older, this.#newer]) {
      const times = generation.get(identity);
      const found =
        times?.findLastIndex((time) => time <= stamp + CUT_NANOSECONDS && time >= stamp - LATE_MAX_NANOSECONDS) ?? -1;
      const [time] = found < 0 ? [] : (times?.splice(found, 1) ?? []);
      if (time !== undefined) return time - 1n;
    }
    return stamp % 1000n === 0n ? stamp + CUT_NANOSECONDS : stamp;
  }
}

export function timeOf(engine: Engine, index: number): bigint {
  return engine.memory.getBigUint64(engine.descriptor(index) + Descriptor.TIME, true);
}

const IP4_ID = 4;
const IP4_PROTOCOL = 9;
const IP6_HEADER = 40;
const IP6_NEXT = 6;
const IP6_FRAGMENT = 8;
/** Where the transport header's bytes begin that NAT leaves alone: TCP's numbers; else behind eight bytes of header. */
const TCP_NUMBERS = 4;
const BEHIND_HEADER = 8;
const IDENTITY_BYTES = 8;

/**
 * What neither NAT nor cutting changes of a packet's start: protocol, IP id, and the first bytes that are its own. The
 * kernel cuts a large segment (GSO) or datagram only behind the OUTPUT hook, so the length says nothing.
 */
function identityOf(engine: Engine, index: number): string {
  const { memory } = engine;
  const descriptor = engine.descriptor(index);
  const linkBytes = memory.getUint16(descriptor + Descriptor.LINK_BYTES, true);
  const at = memory.getUint32(descriptor + Descriptor.FRAME, true) + linkBytes;
  const bytes = memory.getUint32(descriptor + Descriptor.FRAME_BYTES, true) - linkBytes;
  if (bytes < 20) return "";
  const isIp6 = memory.getUint8(at) >> 4 === 6;
  const isCut6 = isIp6 && memory.getUint8(at + IP6_NEXT) === FRAGMENT && bytes >= IP6_HEADER + IP6_FRAGMENT;
  const protocol = memory.getUint8(at + (isCut6 ? IP6_HEADER : isIp6 ? IP6_NEXT : IP4_PROTOCOL));
  const header = isIp6 ? IP6_HEADER : (memory.getUint8(at) & 15) * 4;
  const transport = isCut6 ? header + IP6_FRAGMENT : header;
  const own = transport + (protocol === TCP ? TCP_NUMBERS : BEHIND_HEADER);
  const id = isIp6 ? "" : memory.getUint16(at + IP4_ID);
  return `${protocol} ${id} ${engine.bytes(at + own, Math.max(0, Math.min(IDENTITY_BYTES, bytes - own))).join()}`;
}
