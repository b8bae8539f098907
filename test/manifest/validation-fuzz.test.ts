/** Whatever is changed in a valid object, validation says something or nothing, in finite time, and never falls over. */

import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { lintManifests } from "../../src/manifest/lint/lint.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import { KINDS } from "../../src/manifest/schema/kinds.ts";
import { checkUpdate } from "../../src/manifest/validate/update.ts";
import { DEPLOYMENT, ENDPOINTS, NODE, POD, SERVICE, SLICE } from "./patched.ts";

const RUNS = 1000;
const SERVICES = 10_000;
const PORTS = 10;
/** 0.3 s on a quiet machine; the rest is for a busy one. */
const MILLISECONDS_MAX = 1500;

const LOAD_BALANCER = `{apiVersion: v1, kind: Service, metadata: {name: lb}, spec: {type: LoadBalancer, clusterIP: 10.96.0.9,
  clusterIPs: [10.96.0.9, 'fd00::9'], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, externalIPs: [192.0.2.1],
  loadBalancerSourceRanges: [10.0.0.0/8], loadBalancerClass: a/b, externalTrafficPolicy: Local, healthCheckNodePort: 31000,
  sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ports: [{name: a, port: 1, nodePort: 30001}]},
  status: {loadBalancer: {ingress: [{ip: 192.0.2.1, ipMode: VIP}]}}}`;
const STATEFUL_SET = DEPLOYMENT.replace("Deployment", "StatefulSet");
const BASES = [SERVICE, LOAD_BALANCER, SLICE, ENDPOINTS, NODE, POD, DEPLOYMENT, STATEFUL_SET].map((text) => load(text));

const VALUES = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    "None",
    "ExternalName",
    "LoadBalancer",
    "10.96.0.1",
    "fd00::1",
    "::",
    "0.0.0.0/0",
    "a/b/c",
  ),
  fc.constantFrom<unknown>(0, -1, 1, 65536, 2 ** 40, 1.5, true, [], {}, [null], [[]], [{}], ["10.0.0.1", "x"]),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The object with a field somewhere in it replaced: `walk` chooses the way down. */
function mutated(value: unknown, walk: readonly number[], replacement: unknown): unknown {
  const [choice, ...rest] = walk;
  if (choice === undefined || typeof value !== "object" || value === null) return replacement;
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const key = keys[choice % keys.length] ?? "";
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  (copy as Record<string, unknown>)[key] = mutated((value as Record<string, unknown>)[key], rest, replacement);
  return copy;
}

describe("a valid object, mutated", () => {
  const change = fc.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 7 }), VALUES);
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });

  it.each(BASES.map((base) => [(base as { kind: string }).kind, base] as const))("%s", (_, base) => {
    const before = parseManifests(JSON.stringify(base), "before.json");
    expect(before.problems).toEqual([]);
    fc.assert(
      fc.property(changes, (given) => {
        const object = given.reduce((value, [walk, replacement]) => mutated(value, walk, replacement), base);
        const after = parseManifests(`${JSON.stringify(object)}\n${JSON.stringify(object)}`, "after.json");
        const said = [...after.problems, ...lintManifests(after), ...checkUpdate(after, before)];
        for (const { message, place } of said) {
          expect(message).not.toMatch(/undefined|NaN|\[object/);
          expect(place?.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

it("10,000 Services with 10 ports are checked in an instant", () => {
  const service = KINDS.find(({ kind }) => kind === "Service");
  const objects = Array.from({ length: SERVICES }, (_, index) => ({
    metadata: { name: `web-${index}`, namespace: "default" },
    spec: {
      clusterIP: `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      selector: { app: `web-${index}` },
      ports: Array.from({ length: PORTS }, (__, port) => ({ name: `p${port}`, port: 8000 + port, targetPort: "http" })),
    },
  }));
  const start = performance.now();
  for (const object of objects) {
    service?.check?.(object, ({ message }) => {
      throw new Error(message);
    });
  }
  expect(performance.now() - start).toBeLessThan(MILLISECONDS_MAX);
});
