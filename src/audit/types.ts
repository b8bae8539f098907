/** The result of an audit: schema sluice/audit/v1. */

export const AUDIT_SCHEMA = "sluice/audit/v1";

export interface Audit {
  readonly schema: typeof AUDIT_SCHEMA;
  /** Captured outbound frames that were compared. */
  readonly outbound: number;
  readonly matched: number;
  /** Predicted, and not captured. */
  readonly missing: readonly AuditPacket[];
  /** Captured, and not predicted. */
  readonly extra: readonly AuditPacket[];
  /** Predicted and captured, but not alike: one entry for each field. */
  readonly different: readonly Difference[];
  /** Captured frames of connections that the node's processes opened and no input shows: not compared. */
  readonly own: number;
  readonly choices: { readonly followed: number; readonly notAllowed: readonly NotAllowed[] };
}

export interface AuditPacket {
  /** Number in the capture, from 1: of the frame itself, or of the packet that should have caused it. */
  readonly n: number;
  readonly interface: string;
  readonly packet: string;
}

export interface Difference {
  /** Number of the captured frame. */
  readonly n: number;
  readonly field: string;
  readonly predicted: string;
  readonly captured: string;
}

/** A packet for which the capture shows a choice that the rules do not allow; told as it was predicted to leave. */
export interface NotAllowed {
  readonly n: number;
  readonly packet: string;
}

export function isClean(audit: Audit): boolean {
  const differences = audit.missing.length + audit.extra.length + audit.different.length;
  return differences + audit.choices.notAllowed.length === 0;
}
