/** What is read from a text, and as what. */

import { describe, expect, it } from "vitest";
import { parseManifests, parseManifestTexts } from "../../src/manifest/parse.ts";
import type { Manifests } from "../../src/manifest/types.ts";

const SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

function names(manifests: Manifests): string[] {
  expect(manifests.problems).toEqual([]);
  return manifests.services.map(({ object }) => `${object.metadata?.namespace}/${object.metadata?.name}`);
}

/** The annotation `value` as YAML reads it: a problem unless it is a string. */
function isString(yaml: string): boolean {
  const text = `apiVersion: v1\nkind: Node\nmetadata:\n  name: node1\n  annotations:\n    value: ${yaml}\n`;
  return parseManifests(text, "x").nodes.length === 1;
}

describe("parseManifests", () => {
  it("reads YAML with many documents, empty ones among them", () => {
    expect(
      names(parseManifests(`---\n# nothing\n---\n${SERVICE}---\n${SERVICE.replace("web", "api")}---\n`, "x")),
    ).toEqual(["shop/web", "shop/api"]);
  });

  it("reads JSON, a list of objects, and JSON objects in a row", () => {
    const web = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}';
    const api = web.replace("web", "api");
    expect(names(parseManifests(web, "x"))).toEqual(["default/web"]);
    expect(names(parseManifests(`{"apiVersion":"v1","kind":"List","items":[${web},${api}]}`, "x"))).toHaveLength(2);
    expect(names(parseManifests(`${web}\n${api}\n`, "x"))).toEqual(["default/web", "default/api"]);
  });

  it("reads YAML that starts like JSON", () => {
    expect(
      names(parseManifests("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80}]}}", "x")),
    ).toEqual(["default/web"]);
  });

  it("gives the items of a typed list their kind", () => {
    const list = parseManifests(
      "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: web}\n  spec: {clusterIP: None}\n",
      "x",
    );
    expect(list.services[0]?.object).toMatchObject({ kind: "Service", apiVersion: "v1" });
  });

  it("passes over a byte order mark and Windows' line ends", () => {
    expect(names(parseManifests(`\uFEFF${SERVICE.replaceAll("\n", "\r\n")}`, "x"))).toEqual(["shop/web"]);
  });

  it("follows anchors and merge keys", () => {
    const metadata =
      "metadata:\n  name: web\n  labels: &labels {app: web}\n  annotations: {<<: *labels, tier: front}\n";
    const { services } = parseManifests(
      `apiVersion: v1\nkind: Service\n${metadata}spec: {clusterIP: None, selector: *labels}\n`,
      "x",
    );
    expect(services[0]?.object).toMatchObject({
      metadata: { annotations: { app: "web", tier: "front" } },
      spec: { selector: { app: "web" } },
    });
  });

  it.each([
    "2026-01-15",
    "2026-01-15T10:00:00Z",
    "1:30",
    "1:2:3:4:5:6:7:8",
    "10.0.0.1",
    "0.0.0.0/0",
    "'on'",
    "1.2.3",
  ])("%s is a string, as for kubectl", (yaml) => {
    expect(isString(yaml)).toBe(true);
  });

  it.each(["on", "n", "0x1f", "0o17", "017", "1e3", "1_000", ".5", "12"])("%s is no string, as for kubectl", (yaml) => {
    expect(isString(yaml)).toBe(false);
  });

  it("counts what it does not read by kind", () => {
    const other = (kind: string) => `apiVersion: batch/v1\nkind: ${kind}\n---\n`;
    const { others, problems } = parseManifests(other("Job") + other("Job") + other("CronJob"), "x");
    expect(others).toEqual({ Job: 2, CronJob: 1 });
    expect(problems).toEqual([]);
  });

  it("leaves objects with an error out", () => {
    expect(parseManifests(SERVICE.replace("ports", "prots"), "x").services).toEqual([]);
  });

  it("places objects and fields; a missing field stands at its parent", () => {
    const [service] = parseManifests(`---\n${SERVICE}`, "web.yaml").services;
    expect(service?.place).toMatchObject({ file: "web.yaml", line: 2, column: 1 });
    expect(service?.placeOf("spec.ports[0].port")).toMatchObject({ line: 5, column: 23 });
    expect(service?.placeOf("spec.ports[0].nodePort")).toMatchObject({ line: 5, column: 16 });
    expect(service?.placeOf("status.loadBalancer")).toMatchObject({ line: 2, column: 1 });
  });

  it("knows a name that another text has used", () => {
    const { problems } = parseManifestTexts([
      { text: SERVICE, fileName: "a.yaml" },
      { text: SERVICE, fileName: "b.yaml" },
    ]);
    expect(problems).toMatchObject([{ place: { file: "b.yaml" }, remedy: "the first one is at a.yaml:1:1" }]);
  });
});
