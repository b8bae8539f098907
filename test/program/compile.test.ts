/** What a program says besides its rules: flags, names, ids of sets, problems; and what the engine refuses to run. */

import { beforeAll, describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/program.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { SetIds } from "../../src/program/set-ids.ts";
import type { NamedSet, Statement } from "../../src/ruleset/types.ts";
import { compileEntry, type TestEngine } from "../engine/compile.ts";
import { chain, plainNetwork, RulesEngine, table } from "../engine/rules-engine.ts";

function viewOf(image: Uint8Array): DataView {
  return new DataView(image.buffer, image.byteOffset, image.byteLength);
}

describe("the network in a program", () => {
  test("decides the flags", () => {
    const flags = (network: Parameters<typeof plainNetwork>[0]) =>
      viewOf(compileProgram({ ruleset: { tables: [] }, network: plainNetwork(network) }).image).getUint32(
        Layout.FLAGS,
        true,
      );
    expect(flags({})).toBe(Layout.PROGRAM_FORWARD4 | Layout.PROGRAM_LINK_ADDRESSES);
    expect(flags({ sysctls: { "net.ipv6.conf.all.forwarding": "1" }, linkAddresses: false })).toBe(
      Layout.PROGRAM_FORWARD6,
    );
    expect(flags({ kind: "wire", sysctls: {}, linkAddresses: false })).toBe(Layout.PROGRAM_WIRE);
  });

  test("gives interfaces their addresses, masters and settings", () => {
    const [lo, eth0, cni0, veth1] = plainNetwork().interfaces;
    const network = plainNetwork({
      interfaces: [lo!, eth0!, cni0!, { ...veth1!, master: "cni0" }],
      sysctls: {
        "net.ipv4.conf.all.send_redirects": "0",
        "net.ipv4.conf.eth0.send_redirects": "1",
        "net.ipv4.conf.all.route_localnet": "1",
      },
    });
    const { image, interfaces } = compileProgram({ ruleset: { tables: [] }, network });
    const view = viewOf(image);
    const at = (index: number) => view.getUint32(Layout.INTERFACES, true) + index * Layout.INTERFACE_SIZE;
    expect(interfaces).toEqual(["lo", "eth0", "cni0", "veth1"]);
    expect(view.getUint32(Layout.INTERFACE_COUNT, true)).toBe(4);
    expect(view.getUint32(at(1) + Layout.INTERFACE_ADDRESS4)).toBe(0xc0a80a0b);
    expect(view.getUint32(at(3) + Layout.INTERFACE_ADDRESS4)).toBe(0);
    expect(view.getUint16(at(3) + Layout.INTERFACE_MASTER, true)).toBe(2);
    expect(view.getUint16(at(2) + Layout.INTERFACE_MASTER, true)).toBe(0xffff);
    const common = Layout.INTERFACE_HAS_MAC | Layout.INTERFACE_ROUTE_LOCALNET;
    expect(view.getUint32(at(1) + Layout.INTERFACE_FLAGS, true)).toBe(common | Layout.INTERFACE_SEND_REDIRECTS);
    expect(view.getUint32(at(2) + Layout.INTERFACE_FLAGS, true)).toBe(common);
    expect(view.getUint32(at(0) + Layout.INTERFACE_FLAGS, true)).toBe(
      Layout.INTERFACE_LOOPBACK | Layout.INTERFACE_ROUTE_LOCALNET,
    );
  });
});

describe("a dynamic set's id", () => {
  const set = (name: string): NamedSet => ({ name, key: ["ipv4_addr"], flags: ["dynamic"], elements: [] });
  const ids = (setIds: SetIds, ...names: readonly string[]) => {
    const ruleset = { tables: [table([], { sets: names.map(set) })] };
    return compileProgram({ ruleset, network: plainNetwork(), setIds }).dynamicSets.map(({ id }) => id);
  };

  test("stays while programs have the set, and goes to another only after a program without it", () => {
    const setIds = new SetIds();
    expect(ids(setIds, "a", "b")).toEqual([1, 2]);
    expect(ids(setIds, "b", "c")).toEqual([2, 3]);
    expect(ids(setIds, "b", "d")).toEqual([2, 1]);
    expect(ids(setIds, "a", "b", "d")).toEqual([3, 2, 1]);
  });
});

describe("problems", () => {
  const forward = (...statements: readonly Statement[]) => ({ tables: [table([chain("forward", [statements], {})])] });
  const rows: readonly (readonly [string, Statement, string])[] = [
    [
      "an unknown chain",
      { kind: "verdict", verdict: { kind: "jump", chain: "nowhere" } },
      'there is no chain "nowhere"',
    ],
    [
      "an unknown set",
      { kind: "lookup", key: { kind: "meta", key: "mark" }, set: { kind: "named", name: "s" }, invert: false },
      'there is no set or map "s" that could be compiled',
    ],
    [
      "the other family's address",
      {
        kind: "match",
        left: { kind: "payload", protocol: "ip6", field: "daddr" },
        operator: "==",
        right: { kind: "literal", parts: [{ kind: "address", address: "::1" }] },
      },
      "ip6 in a table of family ip",
    ],
    [
      "a name that is no state",
      {
        kind: "match",
        left: { kind: "ct", key: "state" },
        operator: "==",
        right: { kind: "literal", parts: [{ kind: "name", name: "old" }] },
      },
      '"old" is not known here',
    ],
  ];
  test.each(rows)("%s is told with its rule", (_, statement, message) => {
    const { problems } = compileProgram({ ruleset: forward(statement), network: plainNetwork() });
    expect(problems).toEqual([{ family: "ip", table: "test", chain: "forward", index: 0, message }]);
  });
});

describe("the engine", () => {
  let module: Promise<TestEngine>;
  beforeAll(() => {
    module = compileEntry("rules", true);
  });

  test("refuses what is no image and keeps the program that it has", async () => {
    const engine = new RulesEngine(await module);
    const { image } = engine.load({ tables: [] });
    const active = engine.wasm.activeProgram!();
    const damaged = (field: number, value: number) => {
      const copy = image.slice();
      viewOf(copy).setUint32(field, value, true);
      return copy;
    };
    expect(engine.loadImage(new Uint8Array(0))).toBe(false);
    expect(engine.loadImage(image.slice(0, Layout.HEADER_BYTES - 1))).toBe(false);
    expect(engine.loadImage(image.slice(0, -8))).toBe(false);
    expect(engine.loadImage(damaged(Layout.MAGIC, 0))).toBe(false);
    for (const field of [
      Layout.HOOKS,
      Layout.ROUTES4,
      Layout.ROUTES6,
      Layout.INTERFACES,
      Layout.ADJACENCIES,
      Layout.NEIGHBOURS4,
      Layout.SOCKETS,
    ]) {
      expect(engine.loadImage(damaged(field, image.length))).toBe(false);
    }
    expect(engine.loadImage(damaged(Layout.ADJACENCY_COUNT, 0x1000_0000))).toBe(false);
    expect(engine.wasm.activeProgram!()).toBe(active);
    expect(engine.loadImage(image)).toBe(true);
  });

  test("takes programs that grow, and small ones after them", async () => {
    const engine = new RulesEngine(await module);
    for (const rules of [1, 20_000, 3, 40_000, 2]) {
      const counter: Statement = { kind: "counter" };
      engine.load({
        tables: [
          table([
            chain(
              "forward",
              Array.from({ length: rules }, () => [counter]),
              {},
            ),
          ]),
        ],
      });
      expect(engine.view().getUint32(Layout.BYTES, true)).toBe(engine.program.image.length);
    }
  });
});
