/** Rules in iptables' own words: what nft has no words for, and what is said in another way than the printer would. */

import type { Statement } from "./types.ts";

/** iptables only: a match or a target, and what it comes to. Only where the words could not be found again from that. */
export interface Xt {
  readonly kind: "xt";
  /** As `iptables-save` writes them: "-m multiport --dports 80,443". */
  readonly words: string;
  /** None: it lets every packet pass and does nothing to it. */
  readonly statements: readonly Statement[];
}

/** Matches when all statements of one of the alternatives match; with `invert` when those of none do. */
export interface Alternatives {
  readonly kind: "alternatives";
  readonly of: readonly (readonly Statement[])[];
  readonly invert: boolean;
}

/** Packets and bytes that a rule or a policy has met, as `iptables-save -c` writes them before it. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/** No packet. */
export const NEVER: Alternatives = { kind: "alternatives", of: [], invert: false };

export function eitherOf(...of: readonly (readonly Statement[])[]): Alternatives {
  return { kind: "alternatives", of, invert: false };
}

export function noneOf(...of: readonly (readonly Statement[])[]): Alternatives {
  return { kind: "alternatives", of, invert: true };
}

/** The statements with what stands behind iptables' words in their place. */
export function plainStatements(statements: readonly Statement[]): readonly Statement[] {
  if (!statements.some(({ kind }) => kind === "xt")) return statements;
  return statements.flatMap((statement) =>
    statement.kind === "xt" ? plainStatements(statement.statements) : statement,
  );
}

/** "match" or "target", and its name: what nft says of it. */
export function xtName({ words }: Xt): readonly [type: "match" | "target", name: string] {
  const [, option, name] = /^(-[mj]) (\S+)/.exec(words) ?? [];
  if (option === undefined) return ["match", words];
  return [option === "-j" ? "target" : "match", name ?? ""];
}
