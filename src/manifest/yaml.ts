/** YAML as kubectl reads it (go-yaml 2: YAML 1.1 without timestamps and without base-60 numbers), with every node's offset on demand. */

import {
  binaryTag,
  defineScalarTag,
  EVENT_ID,
  floatCoreTag,
  floatYaml11Tag,
  getScalarValue,
  intCoreTag,
  intYaml11Tag,
  loadAll,
  NOT_RESOLVED,
  omapTag,
  pairsTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type ScalarTagDefinition,
  Schema,
  setTag,
  type TagDefinition,
  timestampTag,
  YAML11_SCHEMA,
  YAMLException,
} from "js-yaml";
import { SpotBuilder } from "./spot-builder.ts";

/** Deeper nesting is a problem of the file, not of the stack. */
const DEPTH_MAX = 100;
/** Aliases multiply what a small file says: a limit keeps a hostile one from filling the memory. */
const ALIASES_MAX = 1000;

/** Timestamps stay strings; the rest has no place in JSON, and so none in a manifest. */
const NOT_READ: readonly TagDefinition[] = [timestampTag, binaryTag, omapTag, pairsTag, setTag];

const OPTIONS = { schema: kubectlSchema(), maxDepth: DEPTH_MAX, maxAliases: ALIASES_MAX };

export type YamlResult = { readonly documents: readonly unknown[] } | YamlError;

export interface YamlError {
  readonly error: string;
  readonly offset: number;
  /** The only thing wrong so far is a key that stands twice: `lastKeyWins` would read on. */
  readonly duplicateKey: boolean;
}

/** All documents of a stream, or the first thing that is wrong with it. `lastKeyWins` reads on over duplicate keys. */
export function loadYaml(text: string, lastKeyWins = false): YamlResult {
  try {
    return { documents: loadAll(text, { ...OPTIONS, json: lastKeyWins }) };
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const reason = cause instanceof YAMLException ? cause.reason : cause.message;
    const offset = cause instanceof YAMLException ? (cause.mark?.position ?? 0) : 0;
    return { error: reason, offset: Math.min(offset, text.length), duplicateKey: reason === "duplicated mapping key" };
  }
}

/** Where everything stands, document by document, and the keys that stand twice. Offsets count from `base`. */
export function locateYaml(text: string, base: number): SpotBuilder {
  const builder = new SpotBuilder();
  let end = base;
  for (const event of parseEvents(text, { maxDepth: DEPTH_MAX })) {
    switch (event.type) {
      case EVENT_ID.SEQUENCE:
        builder.open("list", base + event.start);
        break;
      case EVENT_ID.MAPPING:
        builder.open("mapping", base + event.start);
        break;
      case EVENT_ID.SCALAR:
        builder.plain(scalarOffset(event, base) ?? builder.waitingOffset ?? nextOffset(text, end - base) + base, () =>
          getScalarValue(text, event),
        );
        end = Math.max(end, base + event.valueEnd);
        break;
      case EVENT_ID.ALIAS:
        builder.plain(base + event.anchorStart - 1, () => "");
        break;
      case EVENT_ID.POP:
        builder.close();
    }
  }
  return builder;
}

function kubectlSchema(): Schema {
  const kept = YAML11_SCHEMA.tags.filter((tag) => !NOT_READ.includes(tag));
  return new Schema(kept).withTags(
    withoutBase60(intYaml11Tag, intCoreTag),
    withoutBase60(floatYaml11Tag, floatCoreTag),
  );
}

/** What an empty item can be pointed at by: its dash, the next thing after what has been read. */
function nextOffset(text: string, end: number): number {
  const next = /[^\s,]/g;
  next.lastIndex = end;
  return next.test(text) ? next.lastIndex - 1 : end;
}

/** Where a scalar starts, its quote included. An empty value stands nowhere. */
function scalarOffset({ valueStart, style }: ScalarEvent, base: number): number | undefined {
  if (valueStart < 0) return undefined;
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return base + valueStart - (quoted ? 1 : 0);
}

/**
 * go-yaml also reads YAML 1.2's forms (0o17, 1e3), and leaves 1:30 a string: "1:2:3:4:5:6:7:8" is an address.
 * Two dots are no number either; saying so at once saves four tries for every IPv4 address.
 */
function withoutBase60(
  tag: ScalarTagDefinition<number>,
  core: ScalarTagDefinition<number>,
): ScalarTagDefinition<number> {
  return defineScalarTag<number>(tag.tagName, {
    implicit: true,
    implicitFirstChars: tag.implicitFirstChars,
    identify: tag.identify,
    resolve(source, isExplicit, tagName) {
      if (source.includes(":") || source.indexOf(".") !== source.lastIndexOf(".")) return NOT_RESOLVED;
      const value = tag.resolve(source, isExplicit, tagName);
      return value === NOT_RESOLVED ? core.resolve(source, isExplicit, tagName) : value;
    },
  });
}
