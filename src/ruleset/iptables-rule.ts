/** One rule of `iptables-save`: its words taken apart, and what they come to. */

import { type Draft, draftOf, type Part } from "./iptables-draft.ts";
import { HEADER_ORDER, type HeaderMatch, headerMatches, protocolOf } from "./iptables-header.ts";
import { type IpSets, Options, optionText, type RuleContext, unsupported } from "./iptables-options.ts";
import { VERDICTS } from "./iptables-targets.ts";
import { headerLength, statementText } from "./iptables-text-rule.ts";
import { UnsupportedWords, type Word } from "./iptables-words-of.ts";
import type { NamedSet, Rule, Statement } from "./types.ts";
import { NEVER } from "./xt.ts";

/** What a rule is read with. */
export interface RuleScope {
  readonly family: "ip" | "ip6";
  readonly table: string;
  readonly chain: string;
  readonly line: number;
  readonly sets: IpSets;
  readonly useSet: (set: NamedSet) => void;
  readonly isChain: (name: string) => boolean;
  /** Told of words that are not supported, and what becomes of the rule then. */
  readonly tolerate: (error: UnsupportedWords, consequence: string) => void;
}

/** Reads the words behind `-A CHAIN`. Lists of addresses make several rules of one. */
export function readRule(words: readonly Word[], scope: RuleScope): Rule[] {
  const draft = draftOf(words, scope.isChain);
  const context = contextOf(draft, scope);
  const { statements, comment } = matchStatements(draft, context, scope);
  const behind = targetStatements(draft, context, scope);
  return headersOf(draft, context, scope).map((header) => {
    const all = [...header, ...statements, ...behind];
    if (comment === undefined) return { statements: all };
    const commentAfter = header.length + comment.after;
    const place = commentAfter === headerLength(all) ? {} : { commentAfter };
    return { statements: all, comment: comment.text, ...place };
  });
}

function contextOf({ header }: Draft, { family, table, chain, line, sets, useSet }: RuleScope): RuleContext {
  const option = header.get("-p");
  if (option === undefined || option.isNegated) return { family, table, chain, line, sets, useSet };
  return { family, table, chain, line, sets, useSet, protocol: protocolOf(option.values[0]!) };
}

/** The header's statements: for each combination of addresses. */
function headersOf({ header }: Draft, context: RuleContext, scope: RuleScope): readonly (readonly Statement[])[] {
  let headers: readonly (readonly Statement[])[] = [[]];
  for (const name of HEADER_ORDER) {
    const option = header.get(name);
    if (option === undefined) continue;
    const choices = tolerated(scope, () => headerMatches(option, context), "the rule never matches", [
      { words: optionText({ ...option, word: { ...option.word, text: name } }), statements: [NEVER] },
    ]);
    headers = headers.flatMap((before) => choices.map((choice) => [...before, ...kept(choice, scope)]));
  }
  return headers;
}

function matchStatements({ matches }: Draft, context: RuleContext, scope: RuleScope) {
  const statements: Statement[] = [];
  let comment: { readonly text: string; readonly after: number } | undefined;
  for (const part of matches) {
    if (part.named.text === "comment" && comment === undefined) {
      comment = { text: partOptions(part).need("comment").values[0]!.text, after: statements.length };
      continue;
    }
    const lower = () => lowered(part, context, "match");
    const found = tolerated(scope, lower, "the rule never matches", [NEVER]);
    statements.push(...kept({ words: part.texts.join(" "), statements: found }, scope));
  }
  return { statements, comment };
}

function targetStatements({ target, jump }: Draft, context: RuleContext, scope: RuleScope): readonly Statement[] {
  if (jump !== undefined) return [{ kind: "verdict", verdict: { kind: jump.kind, chain: jump.chain.text } }];
  if (target === undefined) return [];
  const verdict = Object.hasOwn(VERDICTS, target.named.text) ? VERDICTS[target.named.text] : undefined;
  if (verdict !== undefined) return [{ kind: "verdict", verdict: { kind: verdict } }];
  const found = tolerated(scope, () => lowered(target, context, "target"), "the rule does nothing", []);
  return kept({ words: target.texts.join(" "), statements: found }, scope);
}

function lowered(part: Part, context: RuleContext, type: "match" | "target"): readonly Statement[] {
  if (part.extension === undefined) throw unsupported(part.named, `the ${type} "${part.named.text}"`);
  if (part.strange !== undefined) throw unsupported(part.strange, `${part.strange.text} of "${part.named.text}"`);
  return part.extension.lower(partOptions(part), context);
}

function partOptions({ named, options }: Part): Options {
  return new Options(named, options);
}

function tolerated<T>({ tolerate }: RuleScope, read: () => T, consequence: string, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnsupportedWords)) throw error;
    tolerate(error, consequence);
    return otherwise;
  }
}

/** The statements alone, if they print as the words; else with the words. */
function kept({ words, statements }: HeaderMatch, { family }: RuleScope): readonly Statement[] {
  if (statements.length > 0 && printed(statements, family) === words.replace(/ +/g, " ")) return statements;
  return [{ kind: "xt", words, statements }];
}

function printed(statements: readonly Statement[], family: "ip" | "ip6"): string | undefined {
  try {
    return statements
      .map((statement) => statementText(statement, family))
      .join(" ")
      .replace(/ +/g, " ");
  } catch {
    return undefined;
  }
}
