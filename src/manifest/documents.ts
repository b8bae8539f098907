/** A text's documents: YAML with many, JSON with one or several in a row, each as a plain value with its tree of offsets. */

import { scanJson, skipSpace } from "./json.ts";
import { createSource, type Source, type Spot } from "./position.ts";
import type { Problem } from "./types.ts";
import { loadYaml, locateYaml, type YamlError } from "./yaml.ts";

export interface Document {
  readonly value: unknown;
  readonly source: Source;
  /** Where everything stands; worked out at the first call. */
  readonly root: () => Spot;
}

export interface Documents {
  readonly documents: readonly Document[];
  readonly problems: readonly Problem[];
}

/** kubectl tells the formats apart by the first character; what starts like JSON and is none may still be YAML. */
export function readDocuments(text: string, file: string): Documents {
  const source = createSource(file, text.startsWith("\uFEFF") ? text.slice(1) : text);
  const start = skipSpace(source.text, 0);
  if (source.text[start] !== "{") return readYaml(source);
  return readJson(source, start);
}

function readJson(source: Source, start: number): Documents {
  const value = parsed(source.text);
  if (value !== undefined) {
    let spot: Spot | undefined;
    const root = () => {
      spot ??= spotAt(source.text, start);
      return spot;
    };
    return { documents: [{ value, source, root }], problems: [] };
  }
  const stream = readJsonStream(source, start);
  if (stream.problems.length === 0) return stream;
  const yaml = readYaml(source);
  return yaml.problems.length === 0 ? yaml : stream;
}

/** What `kubectl get -o json` prints when called several times: one object after the other. */
function readJsonStream(source: Source, start: number): Documents {
  const documents: Document[] = [];
  for (let at = start; at < source.text.length; ) {
    const scan = scanJson(source.text, at);
    if ("error" in scan) return { documents, problems: [syntaxProblem(source, scan.offset, "JSON", scan.error)] };
    documents.push({ value: JSON.parse(source.text.slice(at, scan.end)), source, root: () => scan.spot });
    at = skipSpace(source.text, scan.end);
  }
  return { documents, problems: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function spotAt(text: string, start: number): Spot {
  const scan = scanJson(text, start);
  return "error" in scan ? { key: start, value: start } : scan.spot;
}

/** The whole text at once; only when something is wrong, document by document, so that each tells its own. */
function readYaml(source: Source): Documents {
  const whole = loadYaml(source.text);
  if ("documents" in whole) return { documents: located(source, whole.documents, source.text, 0), problems: [] };
  const documents: Document[] = [];
  const problems: Problem[] = [];
  for (const { text, base } of splitDocuments(source.text)) {
    const strict = loadYaml(text);
    const result = "error" in strict && strict.duplicateKey ? loadYaml(text, true) : strict;
    if ("error" in result) {
      problems.push(syntaxProblem(source, base + result.offset, "YAML", result.error));
      continue;
    }
    for (const document of located(source, result.documents, text, base)) documents.push(document);
    if ("error" in strict) problems.push(...duplicateProblems(source, text, base, strict));
  }
  return { documents, problems };
}

function located(source: Source, values: readonly unknown[], text: string, base: number): Document[] {
  let roots: readonly Spot[] | undefined;
  return values.map((value, index) => ({
    value,
    source,
    root: () => {
      roots ??= locateYaml(text, base).roots;
      return roots[index] ?? { key: base, value: base };
    },
  }));
}

/** As kubectl splits: at every line that starts with "---". */
function splitDocuments(text: string): { text: string; base: number }[] {
  const starts = [0, ...Array.from(text.matchAll(/^---/gm), (match) => match.index).filter((start) => start > 0)];
  return starts.map((base, index) => ({ base, text: text.slice(base, starts[index + 1]) }));
}

function syntaxProblem(source: Source, offset: number, format: string, reason: string): Problem {
  return { severity: "error", place: source.placeAt(offset), message: `invalid ${format}: ${reason}` };
}

/** Each key that stands twice in its mapping; the parser stops at the first. */
function duplicateProblems(source: Source, text: string, base: number, stopped: YamlError): Problem[] {
  const { duplicates } = locateYaml(text, base);
  if (duplicates.length === 0) return [syntaxProblem(source, base + stopped.offset, "YAML", stopped.error)];
  return duplicates.map(({ name, offset }) => ({
    severity: "error",
    place: source.placeAt(offset),
    message: `key ${JSON.stringify(name)} already set in map`,
  }));
}
