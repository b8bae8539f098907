/** The names that all entries export beside Node and replay(). */

export type { Audit } from "../audit/types.ts";
export type { CaptureSource } from "../capture/types.ts";
export type { Connection, Tuple } from "../engine/connections.ts";
export { EngineMemoryError } from "../engine/halves.ts";
export { EngineError, type EngineSource } from "../engine/load.ts";
export type { Problem } from "../manifest/types.ts";
export { networkFrom, SNAPSHOT_FILES, type SnapshotTexts } from "../network/snapshot.ts";
export type { NodeNetwork } from "../network/types.ts";
export type { PacketRecord } from "../replay/packets.ts";
export type { ReplayResult } from "../replay/replay.ts";
export type { ConnectionRecord } from "../replay/types.ts";
export { mergeReports } from "../report/merge.ts";
export { reportText } from "../report/text.ts";
export type { Report } from "../report/types.ts";
export { VERSION } from "../version.ts";
export { Cluster, type ClusterSource, type ManifestText } from "./cluster.ts";
export { InputError, UsageError } from "./errors.ts";
export type { NodeOptions, ProcessOptions, ProcessResult, SentPacket } from "./node.ts";
export type { CaptureInput, ReplayOptions } from "./replay.ts";
export { type GenerateOptions, type ParseOptions, Ruleset } from "./ruleset.ts";
