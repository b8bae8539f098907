/** Which endpoints a node uses: the cases of kube-proxy's own table (TestCategorizeEndpoints) that hold in v1.36, as facts. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ProxyEndpoint } from "../../src/proxy/endpoints.ts";
import { usableEndpoints } from "../../src/proxy/topology.ts";
import { proxyServicePort } from "../support/proxy.ts";

type Policy = "Cluster" | "Local";

interface Case {
  readonly name: string;
  readonly node: { readonly name: string; readonly zone: string };
  readonly service: { readonly internal: Policy; readonly external: Policy; readonly externallyAccessible: boolean };
  readonly endpoints: readonly EndpointCase[];
  readonly expected: {
    readonly cluster: readonly string[];
    readonly local: readonly string[];
    readonly reachable: readonly string[];
    readonly anywhere: boolean;
  };
}

interface EndpointCase {
  readonly endpoint: string;
  readonly is: readonly ("ready" | "serving" | "terminating" | "local")[];
  readonly zones?: readonly string[];
  readonly nodes?: readonly string[];
}

const CASES: readonly Case[] = JSON.parse(readFileSync(new URL("../fixtures/topology.json", import.meta.url), "utf8"));

describe("usable endpoints", () => {
  it.each(CASES)("$name", ({ node, service, endpoints, expected }) => {
    const port = proxyServicePort({
      internalLocal: service.internal === "Local",
      externalLocal: service.external === "Local",
      external: service.externallyAccessible,
    });
    const zone = node.zone === "" ? {} : { zone: node.zone };
    const usable = usableEndpoints(endpoints.map(proxyEndpoint), port, { name: node.name, ...zone });
    expect(titles(usable.cluster)).toEqual(expected.cluster);
    expect(titles(usable.local)).toEqual(expected.local);
    expect(titles(usable.reachable).sort()).toEqual([...expected.reachable].sort());
    expect(usable.anywhere).toBe(expected.anywhere);
  });
});

function proxyEndpoint({ endpoint, is, zones = [], nodes = [] }: EndpointCase): ProxyEndpoint {
  const [address = "", port] = endpoint.split(":");
  return {
    address,
    port: Number(port),
    title: endpoint,
    local: is.includes("local"),
    ready: is.includes("ready"),
    serving: is.includes("serving"),
    terminating: is.includes("terminating"),
    zoneHints: zones,
    nodeHints: nodes,
  };
}

function titles(endpoints: readonly ProxyEndpoint[]): string[] {
  return endpoints.map(({ title }) => title);
}
