/** Routes: the longest prefix against a linear scan, and facts about tables, sources and neighbours. */

import { beforeAll, describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/program.ts";
import { formatAddress, parseAddress } from "../../src/network/address.ts";
import { parsePrefix, prefixContains } from "../../src/network/prefix.ts";
import type { NodeNetwork, Route } from "../../src/network/types.ts";
import { Random, SEED } from "../support/random.ts";
import { compileEntry } from "./compile.ts";
import { plainNetwork, RulesEngine } from "./rules-engine.ts";

const TABLES = ["local", "main", "default"];
let engine: RulesEngine;
beforeAll(async () => {
  engine = new RulesEngine(await compileEntry("rules", true));
});

function family(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** The route's record, as far as tests ask. */
function routeOf(address: string) {
  const at = engine.wasm.route!(family(address), engine.place(address));
  if (at === 0) return undefined;
  const view = engine.memory();
  const bytes = family(address) === 4 ? 4 : 16;
  const flags = view.getUint16(at + Layout.ROUTE_FLAGS, true);
  const addressAt = (field: number, flag: number) =>
    (flags & flag) === 0 ? undefined : formatAddress(new Uint8Array(view.buffer, at + field, bytes).slice());
  return {
    type: view.getUint8(at + Layout.ROUTE_TYPE),
    mtu: view.getUint32(at + Layout.ROUTE_MTU, true),
    interface: engine.program.interfaces[view.getUint16(at + Layout.ROUTE_INTERFACE, true)],
    source: addressAt(Layout.ROUTE_SOURCE, Layout.ROUTE_HAS_SOURCE),
    masquerade: addressAt(Layout.ROUTE_MASQUERADE, Layout.ROUTE_HAS_MASQUERADE),
  };
}

function nextMac(address: string): string | undefined {
  const at = engine.wasm.adjacency!(family(address), engine.place(address));
  if ((engine.memory().getUint16(at + Layout.ADJACENCY_FLAGS, true) & Layout.ADJACENCY_RESOLVED) === 0)
    return undefined;
  const mac = new Uint8Array(engine.wasm.memory.buffer, at + Layout.ADJACENCY_DST_MAC, 6);
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The slow, obvious lookup: table by table, the longest prefix, the lowest metric, the first listed. */
function scan(routes: readonly Route[], address: string): Route | undefined {
  const bytes = parseAddress(address)!;
  for (const table of TABLES) {
    let best: Route | undefined;
    for (const route of routes) {
      if (route.table !== table || !prefixContains(parsePrefix(route.destination)!, bytes)) continue;
      const longer = best === undefined ? 1 : lengthOf(route) - lengthOf(best);
      if (best === undefined || longer > 0 || (longer === 0 && route.metric < best.metric)) best = route;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

function lengthOf(route: Route): number {
  return Number(route.destination.split("/")[1]);
}

describe("the longest prefix", () => {
  test.each([4, 6] as const)(`IPv%d: random routes against a linear scan (seed ${SEED})`, (version) => {
    const random = new Random(SEED + version);
    for (let round = 0; round < 20; round++) {
      const addresses = Array.from({ length: 60 }, () => randomAddress(random, version));
      const routes = addresses.map((address, mtu) => randomRoute(random, address, mtu));
      engine.load({ tables: [] }, plainNetwork({ routes, neighbours: [] }));
      for (let i = 0; i < 400; i++) {
        const address = random.once(2) ? randomAddress(random, version) : random.pick(addresses);
        expect([address, routeOf(address)?.mtu]).toEqual([address, scan(routes, address)?.mtu]);
      }
    }
  });
});

/** Few different bytes, so that prefixes nest. */
function randomAddress(random: Random, version: 4 | 6): string {
  const bytes = Uint8Array.from({ length: version === 4 ? 4 : 16 }, () =>
    random.once(4) ? random.below(256) : random.pick([0, 10, 128]),
  );
  return formatAddress(bytes);
}

/** The MTU tells routes apart. */
function randomRoute(random: Random, address: string, mtu: number): Route {
  const bits = address.includes(":") ? 128 : 32;
  return {
    type: "unicast",
    destination: `${address}/${random.below(bits + 1)}`,
    interface: "eth0",
    table: random.pick(TABLES),
    metric: random.below(3),
    mtu: 1000 + mtu,
  };
}

describe("a route", () => {
  beforeAll(() => {
    engine.load({ tables: [] }, plainNetwork());
  });

  test("of the local table wins over a longer one of the main table", () => {
    const routes: Route[] = [
      { type: "unicast", destination: "127.1.0.0/16", interface: "eth0", table: "main", metric: 0 },
      ...plainNetwork().routes,
    ];
    engine.load({ tables: [] }, plainNetwork({ routes }));
    expect(routeOf("127.1.2.3")).toMatchObject({ type: Layout.ROUTE_LOCAL, interface: "lo" });
  });

  test("without an interface of its own address masquerades with the node's main one", () => {
    const routes: Route[] = [
      { type: "unicast", destination: "10.244.1.9/32", interface: "veth1", table: "main", metric: 0 },
      ...plainNetwork().routes,
    ];
    engine.load({ tables: [] }, plainNetwork({ routes }));
    expect(routeOf("10.244.1.9")).toMatchObject({ source: "192.168.10.11", masquerade: "192.168.10.11" });
  });

  test("masquerades with its interface's address, in the gateway's network if there are several", () => {
    const interfaces = plainNetwork().interfaces.map((device) =>
      device.name === "eth0" ? { ...device, addresses: [address("172.16.0.1", 16), ...device.addresses] } : device,
    );
    engine.load({ tables: [] }, plainNetwork({ interfaces }));
    expect(routeOf("8.8.8.8")).toMatchObject({ masquerade: "192.168.10.11" });
    expect(routeOf("10.244.1.7")).toMatchObject({ masquerade: "10.244.1.1" });
  });

  test("says its preferred source, but masquerading does not ask for it", () => {
    const routes: Route[] = [
      { type: "unicast", destination: "10.0.0.0/8", interface: "eth0", source: "10.244.1.1", table: "main", metric: 0 },
    ];
    engine.load({ tables: [] }, plainNetwork({ routes }));
    expect(routeOf("10.9.9.9")).toMatchObject({ source: "10.244.1.1", masquerade: "192.168.10.11" });
  });

  test("leads to its gateway's link address, an on-link one to the destination's", () => {
    engine.load({ tables: [] }, plainNetwork());
    expect(nextMac("8.8.8.8")).toBe("02:00:00:00:02:01");
    expect(nextMac("192.168.10.12")).toBe("02:00:00:00:01:02");
    expect(nextMac("192.168.10.13")).toBeUndefined();
    expect(nextMac("10.244.1.7")).toBe("02:00:00:01:00:07");
    expect(nextMac("fd00:10::1")).toBe("02:00:00:00:02:01");
    expect(nextMac("fd00:10::2")).toBeUndefined();
  });

  test("is missing where nothing leads", () => {
    engine.load({ tables: [] }, plainNetwork());
    expect(routeOf("2001:db8::1")).toBeUndefined();
  });
});

function address(text: string, prefixLength: number): NodeNetwork["interfaces"][number]["addresses"][number] {
  return { address: text, prefixLength, scope: "global", secondary: false };
}

describe("the type of an address", () => {
  const rows: readonly (readonly [string, number])[] = [
    ["192.168.10.11", Layout.ROUTE_LOCAL],
    ["127.9.9.9", Layout.ROUTE_LOCAL],
    ["192.168.10.255", Layout.ROUTE_BROADCAST],
    ["255.255.255.255", Layout.ROUTE_BROADCAST],
    ["0.0.0.0", Layout.ROUTE_BROADCAST],
    ["0.1.2.3", Layout.ROUTE_UNICAST],
    ["224.0.0.1", Layout.ROUTE_MULTICAST],
    ["240.0.0.1", Layout.ROUTE_UNICAST],
    ["8.8.8.8", Layout.ROUTE_UNICAST],
    ["fd00:10::b", Layout.ROUTE_LOCAL],
    ["::1", Layout.ROUTE_LOCAL],
    ["fd00:10::c", Layout.ROUTE_UNICAST],
    ["2001:db8::1", Layout.ROUTE_UNREACHABLE],
  ];
  test.each(rows)("%s is %d", (text, type) => {
    engine.load({ tables: [] }, plainNetwork());
    expect(engine.wasm.addressType!(family(text), engine.place(text))).toBe(type);
  });
});
