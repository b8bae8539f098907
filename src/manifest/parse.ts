/** Manifests from a text: what the browser calls; files are read by files-node.ts. */

import { collectManifests } from "./collect.ts";
import { readDocuments } from "./documents.ts";
import type { Manifests } from "./types.ts";

/** The objects of one text (YAML or JSON), and everything that is wrong with it. Nothing is thrown, whatever the text. */
export function parseManifests(text: string, fileName: string): Manifests {
  return parseManifestTexts([{ text, fileName }]);
}

/** The same for several texts that belong together: a name may be used once in all of them. */
export function parseManifestTexts(texts: readonly { readonly text: string; readonly fileName: string }[]): Manifests {
  return collectManifests(texts.map(({ text, fileName }) => readDocuments(text, fileName)));
}
