/** Replays in a program: captures as bytes, blobs or streams; the report comes back, the rest through callbacks. */

import { bytesSource } from "../capture/bytes.ts";
import { CaptureReadError, type CaptureSource } from "../capture/types.ts";
import type { EngineSource } from "../engine/load.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode } from "../network/node.ts";
import { type ReplayOptions as CoreOptions, type ReplayResult, replayCaptures } from "../replay/replay.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { clusterFrom } from "./cluster.ts";
import { requireUsable } from "./errors.ts";
import type { NodeOptions } from "./node.ts";
import { Ruleset } from "./ruleset.ts";
import { ProgramHistory, prepareProgram } from "./setup.ts";

/** A capture: pcap or pcapng, not packed. */
export interface CaptureInput {
  readonly name: string;
  readonly data: Uint8Array | Blob | ReadableStream<Uint8Array> | CaptureSource;
  /** The node's interface that it was taken on, where the capture itself does not say. */
  readonly interface?: string;
  /** The node itself sends all its packets. */
  readonly fromHost?: boolean;
}

type Passed = "follow" | "fastPath" | "audit" | "onConnection" | "onPacket" | "onProgress" | "signal";

export interface ReplayOptions extends Omit<NodeOptions, "connectionsMax">, Pick<CoreOptions, Passed> {
  readonly captures: readonly CaptureInput[];
  /** Receives a pcapng file of every packet that leaves, piece by piece; a view until the promise is settled. */
  readonly output?: (bytes: Uint8Array) => Promise<void> | void;
}

/** Throws an InputError where manifests cannot be used; damage in a capture is in the result's problems. */
export async function replay(
  options: ReplayOptions & { readonly engine: EngineSource | Promise<EngineSource> },
): Promise<ReplayResult> {
  const cluster = clusterFrom(options.manifests);
  const { node, problems } = chooseNode(cluster, options.node);
  requireUsable(problems);
  const network = options.network ?? deriveNetwork(cluster, node.name);
  const ruleset = options.ruleset ?? Ruleset.generate(cluster, { ...options, network });
  const history = new ProgramHistory({ optimise: options.optimise !== false });
  const program = prepareProgram(cluster, ruleset, network, history);
  requireUsable(program.problems);
  const { captures, seed, ...rest } = options;
  return replayCaptures({ ...rest, program, captures: captures.map(opened), seed: BigInt(seed ?? 1) });
}

function opened({ data, ...capture }: CaptureInput): ReplayCapture {
  return { ...capture, open: () => sourceOf(capture.name, data) };
}

function sourceOf(name: string, data: CaptureInput["data"]): CaptureSource {
  if (data instanceof Uint8Array) return bytesSource(name, data);
  if (data instanceof Blob) return streamSource(name, data.stream());
  return "getReader" in data ? streamSource(name, data) : data;
}

/** A web stream, asked for one piece at a time. */
function streamSource(name: string, stream: ReadableStream<Uint8Array>): CaptureSource {
  const reader = stream.getReader();
  let piece: Uint8Array = new Uint8Array(0);
  return {
    name,
    async read(into) {
      while (piece.length === 0) {
        const next = await reader.read().catch((cause: unknown) => {
          throw new CaptureReadError(String(cause));
        });
        if (next.done) return 0;
        piece = next.value;
      }
      const part = piece.subarray(0, into.length);
      into.set(part);
      piece = piece.subarray(part.length);
      return part.length;
    },
    close: () => reader.cancel(),
  };
}
