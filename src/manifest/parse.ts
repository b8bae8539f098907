/** Manifests from a text: what the browser calls; files are read by files-node.ts. */

import { collectManifests } from "./collect.ts";
import { readDocuments } from "./documents.ts";
import type { Manifests } from "./types.ts";

export interface ManifestText {
  readonly text: string;
  readonly fileName: string;
}

/**
 * The objects of one text (YAML or JSON), and everything that is wrong with it. Nothing is thrown, whatever the text. Where
 * `before` is given, the objects are updates of those, as far as that decides what is wrong with them by themselves.
 */
export function parseManifests(text: string, fileName: string, before?: Manifests): Manifests {
  return parseManifestTexts([{ text, fileName }], before);
}

/** The same for several texts that belong together: a name may be used once in all of them. */
export function parseManifestTexts(texts: readonly ManifestText[], before?: Manifests): Manifests {
  return collectManifests(
    texts.map(({ text, fileName }) => readDocuments(text, fileName)),
    before,
  );
}
