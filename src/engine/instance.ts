/** One engine: typed access to its memory. It never decides anything; it sets up, hands over bytes and reads results. */

import * as CaptureInterface from "../../assembly/layout/capture.ts";
import * as ConnectionLayout from "../../assembly/layout/connection.ts";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import type { ImageVersion } from "../program/image-versions.ts";
import { CONFIGURATION, capacityOf, configure, configureSysctls, type EngineConfiguration } from "./configuration.ts";
import { type Connection, isOpen, isZoned, type ReadConnection, readConnection } from "./connections.ts";
import { EngineMemoryError, ProgramHalves } from "./halves.ts";
import { type EngineExports, type EngineSource, loadEngine } from "./load.ts";

const ENDED_STRIDE = ConnectionLayout.SIZE + (1 << ConnectionLayout.ADDRESSES_SIZE_LOG2);

const ZONE_BYTES = 2;

export class Engine {
  readonly exports: EngineExports;
  readonly configuration: EngineConfiguration;
  readonly #base: number;
  readonly #halves = new ProgramHalves();
  #view: DataView;

  private constructor(exports: EngineExports, configuration: EngineConfiguration) {
    this.exports = exports;
    this.configuration = configuration;
    this.#base = exports.engine() >>> 0;
    this.#view = new DataView(exports.memory.buffer);
  }

  /** Instantiates, configures and initialises an engine. It has no program yet. */
  static async create(source: EngineSource | Promise<EngineSource>, options: Partial<EngineConfiguration> = {}) {
    const connectionsMax = capacityOf(options.sysctls ?? {});
    const configuration = { ...CONFIGURATION, connectionsMax, ...options };
    const engine = new Engine(await loadEngine(source), configuration);
    configure(new DataView(engine.exports.memory.buffer, engine.#base, Layout.SIZE), configuration);
    if (engine.exports.init() !== 0) throw new EngineMemoryError("the engine's tables do not fit into its memory");
    return engine;
  }

  /** The whole memory; made anew after it has grown. */
  get memory(): DataView {
    if (this.#view.buffer !== this.exports.memory.buffer) this.#view = new DataView(this.exports.memory.buffer);
    return this.#view;
  }

  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer as ArrayBuffer, address, length);
  }

  /** A field of layout/engine.ts. */
  field(offset: number): number {
    return this.memory.getUint32(this.#base + offset, true);
  }

  setField(offset: number, value: number): void {
    this.memory.setUint32(this.#base + offset, value, true);
  }

  /** A counter of layout/engine.ts; exact up to 2^53. */
  counter(offset: number): number {
    return Number(this.memory.getBigUint64(this.#base + offset, true));
  }

  /** Swaps in a program. Connections live on. `version`: of the image, where it goes on from one that was loaded before. */
  loadProgram(image: Uint8Array, version?: ImageVersion): void {
    this.#halves.stage(this, image, version);
    if (!this.exports.activate()) throw new Error("the engine refuses the program that was compiled for it");
  }

  /** Puts the program that runs into the other half as well, so that the next one finds most of itself there. */
  prepareUpdate(image: Uint8Array, version: ImageVersion): void {
    this.#halves.stage(this, image, version);
  }

  /** Changes timeouts and switches while packets flow. */
  setSysctls(sysctls: Readonly<Record<string, string>>): void {
    configureSysctls(new DataView(this.memory.buffer, this.#base, Layout.SIZE), sysctls);
  }

  /** Address of descriptor `index`. */
  descriptor(index: number): number {
    return this.field(Layout.DESCRIPTORS) + index * Descriptor.SIZE;
  }

  /** Tells the walker about one interface of the capture. */
  setCaptureInterface(index: number, description: CaptureInterfaceDescription): void {
    const at = this.field(Layout.CAPTURE_INTERFACES) + index * CaptureInterface.INTERFACE_SIZE;
    const { memory } = this;
    memory.setUint16(at + CaptureInterface.INTERFACE_LINK_TYPE, description.linkType, true);
    memory.setUint16(at + CaptureInterface.INTERFACE_NODE, description.nodeInterface, true);
    memory.setUint16(at + CaptureInterface.INTERFACE_FLAGS, description.flags, true);
    memory.setUint16(at + CaptureInterface.INTERFACE_OUTPUT, description.outputInterface ?? 0, true);
    memory.setUint32(at + CaptureInterface.INTERFACE_SNAPLEN, description.snaplen, true);
    memory.setBigUint64(at + CaptureInterface.INTERFACE_UNITS, description.unitsPerSecond, true);
    memory.setBigInt64(at + CaptureInterface.INTERFACE_OFFSET, description.offsetSeconds, true);
  }

  /** What waits in the output buffer: a view that holds until the engine runs again. */
  output(): Uint8Array<ArrayBuffer> {
    return this.bytes(this.field(Layout.OUTPUT), this.field(Layout.OUTPUT_USED));
  }

  clearOutput(): void {
    this.setField(Layout.OUTPUT_USED, 0);
  }

  /** Hands over the connections that have ended since the last call, as `read` reads them. */
  takeEnded<T>(read: ReadConnection<T>, take: (connection: T) => void): void {
    const { memory } = this;
    const first = this.field(Layout.ENDED);
    const end = first + this.field(Layout.ENDED_COUNT) * ENDED_STRIDE;
    for (let at = first; at < end; at += ENDED_STRIDE) take(read(memory, at, at + ConnectionLayout.SIZE));
    this.setField(Layout.ENDED_COUNT, 0);
  }

  /** The connection with an index of the table, as a descriptor names it. */
  connection(index: number): Connection {
    const connection = this.readConnection(index, readConnection);
    if (!isZoned(this.memory, this.field(Layout.CONNECTIONS) + index * ConnectionLayout.SIZE)) return connection;
    return { ...connection, zone: this.memory.getUint16(this.field(Layout.ZONES) + index * ZONE_BYTES, true) };
  }

  /** The same as `read` reads it. */
  readConnection<T>(index: number, read: ReadConnection<T>): T {
    const addresses = this.field(Layout.ADDRESSES) + (index << ConnectionLayout.ADDRESSES_SIZE_LOG2);
    return read(this.memory, this.field(Layout.CONNECTIONS) + index * ConnectionLayout.SIZE, addresses);
  }

  /** All connections in the table. */
  *connections(): Generator<Connection> {
    for (const [, connection] of this.indexedConnections()) yield connection;
  }

  /** All connections in the table with their indices. */
  *indexedConnections(): Generator<[index: number, connection: Connection]> {
    for (const index of this.openConnections()) yield [index, this.connection(index)];
  }

  /** The indices of all connections in the table. */
  *openConnections(): Generator<number> {
    const first = this.field(Layout.CONNECTIONS);
    let left = this.field(Layout.OPEN);
    for (let index = 0; left > 0; index++) {
      if (!isOpen(this.memory, first + index * ConnectionLayout.SIZE)) continue;
      left -= 1;
      yield index;
    }
  }
}

export interface CaptureInterfaceDescription {
  readonly linkType: number;
  readonly nodeInterface: number;
  /** Its number in the file that is written, where no node stands in the way; default 0. */
  readonly outputInterface?: number;
  readonly flags: number;
  readonly snaplen: number;
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: bigint;
}
