/** Text of `nft list ruleset` in a form whose equality ignores what nft does not promise: the order of objects and elements. */

/** "table ip kube-proxy" → "chain services" → its lines. Rules keep their order; elements, and whole chains, do not. */
export type Listing = Record<string, Record<string, readonly string[]>>;

export function nftListing(text: string): Listing {
  const listing: Record<string, Record<string, readonly string[]>> = {};
  for (const [head, body] of blocks(text, "")) {
    const objects: Record<string, readonly string[]> = {};
    const inner = blocks(body, "\t");
    for (const [name, lines] of inner) objects[name] = objectLines(lines);
    objects[""] = body.split("\n").filter((line) => line.startsWith("\tcomment ") || line.startsWith("\tflags "));
    listing[head] = objects;
  }
  return listing;
}

/** Blocks `indent HEAD {` … `indent }`. */
function blocks(text: string, indent: string): [head: string, body: string][] {
  const found: [string, string][] = [];
  let head: string | undefined;
  let body: string[] = [];
  for (const line of text.split("\n")) {
    if (head !== undefined && line === `${indent}}`) {
      found.push([head, body.join("\n")]);
      head = undefined;
    } else if (head !== undefined) body.push(line);
    else if (line.startsWith(indent) && !line.startsWith(`${indent}\t`) && line.endsWith(" {")) {
      head = line.slice(indent.length, -2);
      body = [];
    }
  }
  return found;
}

function objectLines(body: string): string[] {
  const joined = body.replace(/,\n\s+/g, ", ");
  return joined
    .split("\n")
    .filter(Boolean)
    .map((line) => sortedElements(line.trim()));
}

/** "elements = { b, a }" → "elements = { a, b }". */
function sortedElements(line: string): string {
  const match = /^elements = \{ (.*) \}$/.exec(line);
  return match === null ? line : `elements = { ${match[1]!.split(", ").sort().join(", ")} }`;
}
