/** Whatever a text holds, it is read without a crash, and every problem has a place that is in the text. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import { readProxyConfiguration } from "../../src/manifest/proxy-configuration.ts";
import { KINDS } from "../../src/manifest/schema/kinds.ts";
import type { Schema } from "../../src/manifest/schema/types.ts";
import type { Problem } from "../../src/manifest/types.ts";

const RUNS = 400;

const SAMPLE = `apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: "web"}
spec:
  clusterIP: 10.0.0.1
  ports:
  - name: http
    port: 80
    targetPort: http
  - {port: 443, protocol: TCP}
  selector: &selector
    app: web
---
apiVersion: v1
kind: List
items:
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
  addressType: IPv6
  endpoints:
  - addresses: ["fd00::1"]
    conditions: {ready: true}
  ports: [{port: 8080}]
`;

function expectSound(text: string): void {
  const manifests = parseManifests(text, "fuzz.yaml");
  const { problems } = buildCluster(manifests);
  const lines = text.split("\n").length;
  for (const problem of [...manifests.problems, ...problems]) expectPlaced(problem, lines);
}

function expectPlaced({ place, message }: Problem, lines: number): void {
  expect(message).not.toBe("");
  expect(place?.line).toBeGreaterThanOrEqual(1);
  expect(place?.line).toBeLessThanOrEqual(lines);
  expect(place?.column).toBeGreaterThanOrEqual(1);
  expect(place?.excerpt?.caret).toBeLessThanOrEqual(place?.excerpt?.text.length ?? 0);
}

/** Values that mostly fit a schema, and sometimes do not. */
function mostlyFitting(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: fitting(schema) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema === "boolean") return fc.boolean();
  if (schema === "integer" || schema === "port" || schema === "portOrZero") return fc.integer({ min: -1, max: 70000 });
  if (schema === "targetPort") return fc.constantFrom(80, "http", "", 0);
  if (schema === "cidr") return fc.constantFrom("10.0.0.0/8", "fd00::/8", "10.0.0.0");
  if (schema === "any") return fc.jsonValue();
  if (typeof schema === "string") return fc.constantFrom("a", "default", "10.0.0.1", "fd00::1", "None", "", null);
  if (schema.kind === "choice") return fc.constantFrom(...schema.choices, "", null);
  if (schema.kind === "list") return fc.array(mostlyFitting(schema.items), { maxLength: 3 });
  if (schema.kind === "map")
    return fc.dictionary(fc.constantFrom("app", "kubernetes.io/service-name"), mostlyFitting(schema.values));
  const fields = Object.entries(schema.fields).map(([name, field]) => [name, mostlyFitting(field)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...schema.required] });
}

describe("any text", () => {
  it("is read without a crash", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), expectSound), { numRuns: RUNS });
  });

  it("of YAML's own characters is read without a crash", () => {
    const characters = fc.constantFrom(..."{}[]:,-?&*!|>'\"%#@ \t\n".split(""), "a", "1", "---\n", "kind: ", "<<: ");
    fc.assert(
      fc.property(fc.array(characters), (parts) => expectSound(parts.join(""))),
      { numRuns: RUNS },
    );
  });

  it("that is a manifest with a mistake in it is read without a crash", () => {
    const edit = fc.tuple(fc.nat(SAMPLE.length), fc.nat(12), fc.string({ maxLength: 6 }));
    const edited = fc
      .array(edit, { minLength: 1, maxLength: 3 })
      .map((edits) =>
        edits.reduce((text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed), SAMPLE),
      );
    fc.assert(fc.property(edited, expectSound), { numRuns: RUNS });
  });

  it("is no proxy configuration that crashes", () => {
    const text = fc
      .jsonValue()
      .map(
        (value) =>
          `{"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": ${JSON.stringify(value)}}`,
      );
    fc.assert(
      fc.property(text, (json) => readProxyConfiguration(json, "x").problems.length >= 0),
      { numRuns: RUNS },
    );
  });
});

describe("any value", () => {
  it.each(KINDS)("of a $kind is read without a crash", ({ kind, apiVersion, schema }) => {
    const object = fitting(schema).map((value) => ({ ...(value as object), kind, apiVersion }));
    fc.assert(
      fc.property(object, (value) => expectSound(JSON.stringify(value, null, 1))),
      { numRuns: RUNS },
    );
  });

  it("nested deeply is read without a crash", () => {
    const depth = 100_000;
    expectSound("[".repeat(depth));
    expectSound(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    expectSound(`{"a":${"[".repeat(depth)}`);
  });

  it("is said once and meant a million times, and still read quickly", () => {
    const levels = ["a: &a [x]"];
    for (let level = 1; level <= 9; level++) {
      const name = "abcdefghij"[level] ?? "";
      const below = "abcdefghij"[level - 1] ?? "";
      levels.push(`${name}: &${name} [${`*${below},`.repeat(9)}]`);
    }
    expectSound(
      `${levels.join("\n")}\nkind: Service\napiVersion: v1\nmetadata: *j\nspec: {ports: *j, externalIPs: *j}\n`,
    );
  });
});
