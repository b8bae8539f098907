/**
 * Reads a capture through an engine: fills the chunk in the engine's memory, lets the engine walk the records in it,
 * and hands over descriptors. No packet passes through JavaScript. Two readers can share one engine when each has its
 * own part of chunk, descriptors and interface table.
 */

import * as Capture from "../../assembly/layout/capture.ts";
import { NO_INTERFACE } from "../../assembly/layout/descriptor.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import { explainDamage, problemAt } from "./damage.ts";
import {
  type FileHeader,
  INCOMPLETE,
  isRefusal,
  type Refusal,
  readFileHeader,
  readInterface,
  readSection,
} from "./header.ts";
import {
  type Batch,
  type CaptureInterface,
  CaptureReadError,
  type CaptureSource,
  type WalkingEngine,
} from "./types.ts";

/** A stretch of one of the engine's tables: an index and a count, or an offset and bytes. */
export interface Part {
  readonly first: number;
  readonly count: number;
}

export interface CaptureReaderOptions {
  /** Bytes of the engine's chunk, descriptors, and entries of its interface table; absent: all of them. */
  readonly chunk?: Part;
  readonly descriptors?: Part;
  readonly interfaces?: Part;
  /** Index of the node's interface that an interface of the capture is; absent: known for none. */
  readonly nodeInterface?: (captured: CaptureInterface) => number;
  /** Number of an interface of the capture in what is written; undefined: it cannot be written there. */
  readonly outputInterface?: (captured: CaptureInterface) => number | undefined;
  /** The node itself sent all that is in the capture. */
  readonly fromHost?: boolean;
}

export class CaptureReader {
  /** Packets handed over so far. */
  packets = 0;
  readonly #source: CaptureSource;
  readonly #engine: WalkingEngine;
  readonly #options: CaptureReaderOptions;
  #chunk: Part;
  #descriptors: Part;
  readonly #table: Part;
  readonly #interfaces: CaptureInterface[] = [];
  /** What has been read and not walked yet: offsets in this reader's part of the chunk. */
  #begin = 0;
  #end = 0;
  /** Where that part's first byte is in the file. */
  #fileOffset = 0;
  #header: FileHeader | undefined;
  /** How many of the interfaces belong to earlier sections. */
  #sectionFirst = 0;
  #final: Batch | undefined;

  constructor(source: CaptureSource, engine: WalkingEngine, options: CaptureReaderOptions = {}) {
    this.#source = source;
    this.#engine = engine;
    this.#options = options;
    this.#chunk = options.chunk ?? { first: 0, count: engine.field(Engine.CHUNK_BYTES) };
    this.#descriptors = options.descriptors ?? { first: 0, count: engine.field(Engine.DESCRIPTORS_MAX) };
    this.#table = options.interfaces ?? { first: 0, count: Capture.INTERFACES_MAX };
  }

  /** Bytes of the (uncompressed) capture that have been walked. */
  get position(): number {
    return this.#fileOffset + this.#begin;
  }

  /** The interfaces that the capture has described so far. */
  get interfaces(): readonly CaptureInterface[] {
    return this.#interfaces;
  }

  /** The interface that a descriptor's CAPTURE_INTERFACE names. */
  interfaceOf(index: number): CaptureInterface | undefined {
    return this.#interfaces[index - this.#table.first];
  }

  /**
   * Describes the next packets. The ones before are gone then: their bytes and descriptors are overwritten. All
   * packets in front of a problem are handed over before it. After a problem or the end nothing else comes.
   */
  async nextBatch(): Promise<Batch> {
    while (this.#final === undefined) {
      const count = this.#header === undefined ? 0 : this.#walk(this.#header);
      if (count > 0) {
        this.packets += count;
        return { kind: "packets", first: this.#descriptors.first, count };
      }
      if (!this.#advance() && this.#final === undefined) await this.#fill();
    }
    return this.#final;
  }

  /** Goes on in other parts of chunk and descriptors: what was handed over before stays as it is. */
  moveTo(chunk: Part, descriptors: Part): void {
    const base = this.#engine.field(Engine.CHUNK) + chunk.first;
    const waiting = this.#waiting();
    this.#engine.bytes(base, waiting.length).set(waiting);
    this.#fileOffset += this.#begin;
    this.#end = waiting.length;
    this.#begin = 0;
    this.#chunk = chunk;
    this.#descriptors = descriptors;
  }

  close(): void | Promise<void> {
    return this.#source.close();
  }

  /** Has the engine walk what is there; returns how many packets that gave. */
  #walk(header: FileHeader): number {
    const engine = this.#engine;
    const base = engine.field(Engine.CHUNK) + this.#chunk.first;
    engine.setField(Engine.CAPTURE_FORMAT, header.format);
    engine.setField(Engine.CAPTURE_INTERFACE_FIRST, this.#table.first + this.#sectionFirst);
    engine.setField(Engine.CAPTURE_INTERFACE_COUNT, this.#interfaces.length - this.#sectionFirst);
    engine.setField(Engine.WALK_FIRST, this.#descriptors.first);
    engine.setField(Engine.WALK_LIMIT, this.#descriptors.count);
    this.#begin = (engine.exports.walk(base + this.#begin, base + this.#end) >>> 0) - base;
    return engine.field(Engine.WALK_COUNT);
  }

  /** Deals with what stands at the front and is no packet. False: more bytes are needed, or it is over. */
  #advance(): boolean {
    const bytes = this.#waiting();
    if (this.#header === undefined) return this.#enter(readFileHeader(bytes));
    const stop = this.#engine.field(Engine.WALK_STOP);
    if (stop === Engine.WALK_ERROR) return this.#refuse(explainDamage(bytes, this.#header.format));
    if (stop !== Engine.WALK_BLOCK) return false;
    const littleEndian = !(this.#header.format & Capture.CAPTURE_SWAPPED);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(Capture.BLOCK_TYPE, littleEndian) === Capture.SECTION_HEADER)
      return this.#enter(readSection(bytes));
    const length = view.getUint32(Capture.BLOCK_BYTES, littleEndian);
    const described = readInterface(bytes.subarray(0, length), littleEndian);
    if (isRefusal(described)) return this.#refuse(described);
    return this.#addInterface(described) && this.#skip(length);
  }

  /** Begins a file or a section. */
  #enter(parsed: FileHeader | Refusal | typeof INCOMPLETE): boolean {
    if (parsed === INCOMPLETE) return false;
    if (isRefusal(parsed)) return this.#refuse(parsed);
    this.#header = parsed;
    this.#sectionFirst = this.#interfaces.length;
    if (parsed.interface !== undefined && !this.#addInterface(parsed.interface)) return false;
    return this.#skip(parsed.bytes);
  }

  #addInterface(described: CaptureInterface): boolean {
    if (this.#interfaces.length === this.#table.count) {
      return this.#refuse({
        message: `more than ${this.#table.count} interfaces`,
        remedy: "split the file: editcap -c",
      });
    }
    const { outputInterface } = this.#options;
    const output = outputInterface === undefined ? 0 : outputInterface(described);
    if (output === undefined) {
      return this.#refuse({ message: "frames of another link type than the output's", remedy: "write .pcapng" });
    }
    this.#engine.setCaptureInterface(this.#table.first + this.#interfaces.length, {
      linkType: described.linkType,
      nodeInterface: this.#options.nodeInterface?.(described) ?? NO_INTERFACE,
      outputInterface: output,
      flags: this.#options.fromHost ? Capture.CAPTURE_INTERFACE_FROM_HOST : 0,
      snaplen: described.snaplen,
      unitsPerSecond: described.unitsPerSecond,
      offsetSeconds: described.offsetSeconds,
    });
    this.#interfaces.push(described);
    return true;
  }

  #skip(bytes: number): true {
    this.#begin += bytes;
    return true;
  }

  /** Moves the incomplete rest to the front and reads on behind it. */
  async #fill(): Promise<void> {
    const base = this.#engine.field(Engine.CHUNK) + this.#chunk.first;
    const chunk = this.#engine.bytes(base, this.#chunk.count);
    chunk.copyWithin(0, this.#begin, this.#end);
    this.#fileOffset += this.#begin;
    this.#end -= this.#begin;
    this.#begin = 0;
    if (this.#end === this.#chunk.count) {
      this.#refuse({ message: `a record that does not fit into the ${this.#chunk.count} bytes of a chunk` });
      return;
    }
    try {
      const bytes = await this.#source.read(chunk.subarray(this.#end));
      if (bytes === 0) this.#finish();
      else this.#end += bytes;
    } catch (error) {
      if (!(error instanceof CaptureReadError)) throw error;
      this.#refuse({ message: error.message });
    }
  }

  /** The source has nothing more: that is the end if it comes between two records. */
  #finish(): void {
    const left = this.#end - this.#begin;
    if (this.#header !== undefined && left === 0) this.#final = { kind: "end" };
    else if (this.#header === undefined && left === 0) this.#refuse({ message: "the file is empty" });
    else this.#refuse({ message: `the file ends ${left} bytes into ${this.#header ? "a record" : "its header"}` });
  }

  #refuse(refusal: Refusal): false {
    const cutAt = this.#header === undefined ? undefined : this.position;
    this.#final = { kind: "problem", problem: problemAt(this.#source.name, this.position, refusal, cutAt) };
    return false;
  }

  #waiting(): Uint8Array {
    const base = this.#engine.field(Engine.CHUNK) + this.#chunk.first;
    return this.#engine.bytes(base + this.#begin, this.#end - this.#begin);
  }
}
