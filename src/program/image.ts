/**
 * The image that an engine runs (assembly/layout/program.ts), as it goes from one program to the next: parts that do not
 * change stay where they are. In front stands the header, behind it the parts, each in a block of its own.
 */

import * as Layout from "../../assembly/layout/program.ts";
import { Blocks, roomFor } from "./blocks.ts";
import { type ImageVersion, ImageVersions } from "./image-versions.ts";
import { IntList } from "./int-list.ts";
import type { ImageWriter, Label } from "./writer.ts";

const UNPLACED = -1;
const START_BYTES = 1 << 16;
/** Room for an eighth more, so that an image that grows a little has the length that it had. */
const SPARE_LOG2 = 3;
const SPARE_BYTES_MIN = 1 << 12;
/** More than this, and more than what is used, is too much to be free. */
const FREE_BYTES_MAX = 1 << 20;

interface PutOptions {
  /** Bytes at the part's beginning that are the image's header. */
  readonly headerBytes?: number;
  /** A program that runs changes the part. */
  readonly isChanging?: boolean;
}

export class Image {
  #bytes = new Uint8Array(START_BYTES);
  #words = new Int32Array(this.#bytes.buffer);
  /** What engines are given: the blocks, and some room behind them. */
  #length = 0;
  readonly #blocks = new Blocks(Layout.HEADER_BYTES);
  readonly #versions = new ImageVersions();
  /** By labels: what they stand for; of those that own a block, its room, else 0. */
  #offsets = new Int32Array(0);
  #rooms = new Int32Array(0);
  /** Labels in the part with the header. */
  #frameLabels: ReadonlySet<Label> = new Set();
  /** Labels that stand elsewhere than in the program before. */
  readonly #moved = new Set<Label>();
  /** Words of parts that were put just now, and the labels that they mean. */
  readonly #openWords = new IntList();
  readonly #openTargets = new IntList();
  /** Owners of blocks that a program that runs changes. */
  readonly #changing = new Set<Label>();

  /** Begins the next program. */
  begin(): void {
    this.#versions.begin();
    this.#moved.clear();
  }

  /** Whether so much is free that it were better to begin anew. */
  get isWasteful(): boolean {
    const { freeBytes, end } = this.#blocks;
    return freeBytes > FREE_BYTES_MAX && freeBytes > end - freeBytes;
  }

  /** Labels that stand elsewhere than in the program before. */
  get moved(): ReadonlySet<Label> {
    return this.#moved;
  }

  /** What the label stands for; less than 0: nothing. */
  offsetOf(label: Label): number {
    return this.#offsets[label] ?? UNPLACED;
  }

  /** Where the block of the label ends. */
  endOf(owner: Label): number {
    return this.offsetOf(owner) + this.#rooms[owner]!;
  }

  /** Puts the part of the owner, which stands for its beginning, in the place of the one that it had, if it fits there. */
  put(owner: Label, part: ImageWriter, { headerBytes = 0, isChanging = false }: PutOptions = {}): void {
    this.#reserveLabels(owner);
    const bytes = part.end();
    const start = this.#makeRoom(owner, bytes.length - headerBytes);
    const shift = start - headerBytes;
    const place = (offset: number): number => (offset < headerBytes ? offset : offset + shift);
    this.#bytes.set(bytes.subarray(0, headerBytes));
    this.#bytes.set(bytes.subarray(headerBytes), start);
    if (headerBytes > 0) this.#versions.note(0, headerBytes);
    this.#versions.note(start, bytes.length + shift);
    const { offsetWords, offsets, referenceWords, references, placedLabels, placedOffsets } = part;
    for (let i = 0; i < offsetWords.length; i++) this.#words[place(offsetWords.get(i)) >> 2] = offsets.get(i) + shift;
    for (let i = 0; i < references.length; i++) {
      this.#openWords.push(place(referenceWords.get(i)));
      this.#openTargets.push(references.get(i));
    }
    this.#place(owner, start);
    for (let i = 0; i < placedLabels.length; i++) this.#place(placedLabels.get(i), placedOffsets.get(i) + shift);
    if (headerBytes > 0) this.#forgetLabels(placedLabels.items());
    if (isChanging) this.#changing.add(owner);
    else this.#changing.delete(owner);
  }

  /** Takes the owner's part away. */
  remove(owner: Label): void {
    const room = this.#rooms[owner] ?? 0;
    if (room === 0) return;
    this.#blocks.giveBack(this.offsetOf(owner), room);
    this.#rooms[owner] = 0;
    this.#offsets[owner] = UNPLACED;
    this.#changing.delete(owner);
  }

  /** The word at an offset gets what the label stands for. */
  fillIn(at: number, label: Label): void {
    const offset = this.offsetOf(label);
    if (offset === UNPLACED) throw new Error("a label has no place");
    this.#words[at >> 2] = offset;
  }

  /** The same of a word whose part was not put just now. */
  mend(at: number, label: Label): void {
    this.fillIn(at, label);
    this.#versions.note(at, at + 4);
  }

  /** Fills in what the parts that were put refer to. Returns the image: a view that holds until the next program begins. */
  finish(): Uint8Array<ArrayBuffer> {
    for (let i = 0; i < this.#openWords.length; i++) this.fillIn(this.#openWords.get(i), this.#openTargets.get(i));
    this.#openWords.clear();
    this.#openTargets.clear();
    if (this.#blocks.end > this.#length) this.#lengthen();
    this.#words[Layout.BYTES >> 2] = this.#length;
    return this.#bytes.subarray(0, this.#length);
  }

  get version(): ImageVersion {
    return this.#versions.current(() =>
      [...this.#changing].flatMap((owner) => [this.offsetOf(owner), this.endOf(owner)]),
    );
  }

  /** Where the owner's block begins: the same as before, if so many bytes have room there. */
  #makeRoom(owner: Label, bytes: number): number {
    const room = roomFor(bytes);
    const before = this.#rooms[owner]!;
    if (before >= bytes && before <= room * 2) return this.offsetOf(owner);
    if (before > 0) this.#blocks.giveBack(this.offsetOf(owner), before);
    const start = this.#blocks.take(bytes);
    this.#rooms[owner] = room;
    if (this.#blocks.end > this.#bytes.length) this.#grow();
    return start;
  }

  #place(label: Label, offset: number): void {
    this.#reserveLabels(label);
    const before = this.#offsets[label]!;
    if (before === offset) return;
    this.#offsets[label] = offset;
    if (before !== UNPLACED) this.#moved.add(label);
  }

  /** Labels that stood in the part with the header before, and stand nowhere now. */
  #forgetLabels(now: Iterable<Label>): void {
    const placed = new Set(now);
    for (const label of this.#frameLabels) {
      if (!placed.has(label) && this.#rooms[label] === 0) this.#offsets[label] = UNPLACED;
    }
    this.#frameLabels = placed;
  }

  #lengthen(): void {
    const { end } = this.#blocks;
    this.#length = end + Math.max(end >> SPARE_LOG2, SPARE_BYTES_MIN);
    while (this.#bytes.length < this.#length) this.#grow();
    this.#versions.noteAll();
  }

  #grow(): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#blocks.end));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
  }

  #reserveLabels(last: Label): void {
    if (last < this.#offsets.length) return;
    const offsets = new Int32Array((last + 1) * 2).fill(UNPLACED);
    offsets.set(this.#offsets);
    const rooms = new Int32Array(offsets.length);
    rooms.set(this.#rooms);
    [this.#offsets, this.#rooms] = [offsets, rooms];
  }
}
