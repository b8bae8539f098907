/**
 * The capture file that a replay writes: its head, then the engine's records as they are. A node's interfaces are known
 * from the start. Where no node stands in the way, frames leave as they came: the file has the captures' own interfaces,
 * each described before the first of its frames.
 */

import type { CaptureInterface } from "../capture/types.ts";
import { interfaceBlock, pcapHeader, pcapngHeader } from "../capture/write.ts";
import type { ReplayProgram } from "./replay.ts";

export type OutputFormat = "pcapng" | "pcap";

export class OutputFile {
  readonly #format: OutputFormat;
  readonly #isWire: boolean;
  readonly #write: (bytes: Uint8Array) => Promise<void> | void;
  /** Link types of the captures' interfaces, by their numbers in the file. */
  readonly #linkTypes: number[] = [];
  /** What has to stand in front of the next records. */
  #head: Uint8Array[];

  constructor(program: ReplayProgram, format: OutputFormat, write: (bytes: Uint8Array) => Promise<void> | void) {
    this.#format = format;
    this.#isWire = program.network.kind === "wire";
    this.#write = write;
    const described = program.interfaces.map((name, index) => ({ name, linkType: program.linkTypes[index] ?? 0 }));
    if (this.#isWire) this.#head = format === "pcap" ? [] : [pcapngHeader([])];
    else this.#head = [format === "pcap" ? pcapHeader(described[0]?.linkType ?? 0) : pcapngHeader(described)];
  }

  /** The number in the file of a capture's interface; undefined: the file cannot hold its link type. */
  readonly describe = ({ name, linkType }: CaptureInterface): number | undefined => {
    if (!this.#isWire) return 0;
    const number = this.#linkTypes.length;
    if (this.#format === "pcap") {
      if (number > 0) return this.#linkTypes[0] === linkType ? 0 : undefined;
      this.#head.push(pcapHeader(linkType));
    } else {
      this.#head.push(interfaceBlock({ name: name ?? `interface ${number}`, linkType }));
    }
    return this.#linkTypes.push(linkType) - 1;
  };

  /** Writes records; the bytes are a view that holds until the promise is settled. */
  async write(records: Uint8Array): Promise<void> {
    for (const part of this.#head.splice(0)) await this.#write(part);
    if (records.length > 0) await this.#write(records);
  }
}
