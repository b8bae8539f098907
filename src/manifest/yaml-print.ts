/** Objects as YAML that kubectl and this loader read back: what YAML 1.1 would take for another type is quoted. */

import { dump, YAML11_SCHEMA } from "js-yaml";

/** Keys in order, as kubectl prints them. */
export function printYamlDocument(value: object): string {
  return dump(value, { schema: YAML11_SCHEMA, sortKeys: true, noRefs: true, lineWidth: -1 });
}
