/** kube-proxy's own tests of the clean-up of UDP connections: each of its connections, deleted or kept. */

import { describe, expect, it } from "vitest";
import { isStale, udpDestinations } from "../../src/proxy/conntrack-cleanup.ts";
import { clusterOfObjects, readCase } from "./case.ts";

interface CleanupCase {
  readonly source: { readonly repo: string; readonly test: string };
  readonly objects: readonly unknown[];
  readonly flows: readonly CleanupFlow[];
}

interface CleanupFlow {
  readonly id: string;
  readonly protocol: string;
  readonly original: { readonly dstIP: string | null; readonly dstPort: number };
  readonly reply: { readonly srcIP: string; readonly srcPort: number | null };
  readonly deleted: boolean;
  readonly why: string;
}

/** To a nodePort the tests name no address: any will do. */
const NODE = "192.168.0.2";
/** Older tests name no port that answers: the endpoints have this one. */
const ENDPOINT_PORT = 8000;

describe.each(readCase<CleanupCase[]>("conntrack-cleanup.json"))("$source.repo $source.test", ({ objects, flows }) => {
  const destinations = udpDestinations(clusterOfObjects(objects));

  it.each(flows)("$id $protocol to port $original.dstPort: $why", ({ protocol, original, reply, deleted }) => {
    const connection = {
      protocol: protocol.toLowerCase(),
      original: { dst: original.dstIP ?? NODE, dport: original.dstPort },
      reply: { src: reply.srcIP, sport: reply.srcPort ?? ENDPOINT_PORT },
    };
    expect(isStale(connection, destinations)).toBe(deleted);
  });
});
