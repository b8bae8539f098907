/**
 * Clients that a Service with affinity remembers although nothing has shown which endpoint it drew for them: kernel and
 * engine each remember their own draw, so that nothing of these clients for the Service can be compared any more.
 */

import { formatAddress } from "../../../src/network/address.ts";
import { addressBytes } from "../../support/address.ts";
import { decode } from "../../support/decode.ts";
import type { Target } from "./settings.ts";

export class Affinity {
  /** Addresses with ports under which Services with affinity are reached. */
  readonly #targets: ReadonlySet<string>;
  readonly #unsure = new Set<string>();

  constructor(targets: readonly Target[]) {
    const places = targets.flatMap(({ ip4, ip6, ports }) => ports.map((port) => [`${ip4} ${port}`, `${ip6} ${port}`]));
    this.#targets = new Set(places.flat());
  }

  /** Nothing has shown what was drawn for this frame, if something was. */
  noteHidden(frame: Uint8Array): void {
    const client = this.#clientOf(frame);
    if (client !== undefined) this.#unsure.add(client);
  }

  /** Whether the frame is of a client for which that is so, to such a Service. */
  isUnsure(frame: Uint8Array): boolean {
    const client = this.#unsure.size > 0 ? this.#clientOf(frame) : undefined;
    return client !== undefined && this.#unsure.has(client);
  }

  #clientOf(frame: Uint8Array): string | undefined {
    const seen = this.#targets.size > 0 ? decode(frame) : undefined;
    if (seen === undefined) return undefined;
    const isTarget = this.#targets.has(`${formatAddress(addressBytes(seen.dst))} ${seen.dstPort}`);
    return isTarget ? seen.src : undefined;
  }
}
