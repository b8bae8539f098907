/** In which lines of a JSON text the items of a list stand: of files that somebody has formatted or written by hand. */

/**
 * The lines, from 1, where the objects inside the text's outermost list begin; nothing if it is all one line, as nft
 * writes it. The text must be valid.
 */
export function itemLines(text: string): readonly number[] | undefined {
  if (!text.trimEnd().includes("\n")) return undefined;
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\n") line++;
    else if (isInString && character === "\\") at++;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === "{" || character === "[") {
      if (depth === ITEM_DEPTH) lines.push(line);
      depth++;
    } else if (character === "}" || character === "]") depth--;
  }
  return lines;
}

/** `{ "nftables": [ item, item … ] }` */
const ITEM_DEPTH = 2;
