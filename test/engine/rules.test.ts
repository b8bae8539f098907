/** Rules as facts: what a rule says of a packet, one expression or statement after another. */

import { beforeAll, describe, expect, test } from "vitest";
import type { Expression, Literal, Statement, Verdict } from "../../src/ruleset/types.ts";
import { internetChecksum } from "../support/checksum.ts";
import { ip } from "../support/packet.ts";
import { icmp4, tcp, udp } from "../support/transport.ts";
import { compileEntry } from "./compile.ts";
import {
  ACCEPT,
  chain,
  DROP,
  NO_INTERFACE,
  oneChain,
  plainNetwork,
  REJECT,
  RulesEngine,
  type Surroundings,
  table,
} from "./rules-engine.ts";

const SEEN_REPLY = 2;
const DNAT = 32;
const POSTROUTING = 4;
const CT_ESTABLISHED = 2;
const CT_INVALID = 4;
const STATUS_FIELD = { kind: "ct", key: "status" } as const;

let engine: RulesEngine;
beforeAll(async () => {
  engine = new RulesEngine(await compileEntry("rules", true));
});

const drop: Statement = { kind: "verdict", verdict: { kind: "drop" } };
const verdict = (kind: Verdict["kind"], to = ""): Statement =>
  ({ kind: "verdict", verdict: (to ? { kind, chain: to } : { kind }) as Verdict }) as const;
const payload = (protocol: "ip" | "ip6" | "th" | "tcp" | "udp" | "icmp", field: string): Expression => ({
  kind: "payload",
  protocol,
  field,
});
const meta = (key: (Expression & { kind: "meta" })["key"]): Expression => ({ kind: "meta", key });
const address = (text: string): Literal => ({ kind: "address", address: text });
const number = (value: number): Literal => ({ kind: "number", value });
const name = (text: string): Literal => ({ kind: "name", name: text });
const protocol = (value: number): Literal => ({ kind: "protocol", protocol: value });
const prefix = (text: string, length: number): Literal => ({ kind: "prefix", address: text, length });
const range = (from: Literal, to: Literal): Literal => ({ kind: "range", from, to });
const match = (
  left: Expression,
  operator: (Statement & { kind: "match" })["operator"],
  ...parts: Literal[]
): Statement => ({
  kind: "match",
  left,
  operator,
  right: { kind: "literal", parts },
});
const lookup = (key: Expression, elements: readonly Literal[], invert = false): Statement => ({
  kind: "lookup",
  key,
  set: { kind: "anonymous", elements: elements.map((literal) => ({ key: [literal] })) },
  invert,
});

const packet4 = ip({ src: "10.244.1.7", dst: "10.96.0.10", ttl: 63 }, tcp({ src: 40000, dst: 80, flags: "S" }));
const packet6 = ip({ src: "fd00:10:244::7", dst: "fd00:10:96::a" }, udp({ src: 40000, dst: 53 }));

function laterFragment(packet: Uint8Array): Uint8Array {
  const fragment = packet.slice();
  fragment.set([0, 8, fragment[8]!, fragment[9]!, 0, 0], 6);
  new DataView(fragment.buffer).setUint16(10, internetChecksum(fragment.subarray(0, 20)));
  return fragment;
}

describe("a rule matches", () => {
  const state = { kind: "ct", key: "state" } as const;
  const rows: [fact: string, statement: Statement, expected: boolean, surroundings?: Surroundings][] = [
    ["an address that is equal", match(payload("ip", "daddr"), "==", address("10.96.0.10")), true],
    ["no address that is not", match(payload("ip", "daddr"), "==", address("10.96.0.11")), false],
    ["an address in a prefix", match(payload("ip", "saddr"), "==", prefix("10.244.0.0", 16)), true],
    ["no address in a negated prefix", match(payload("ip", "saddr"), "!=", prefix("10.244.0.0", 16)), false],
    ["any address in 0.0.0.0/0", match(payload("ip", "saddr"), "==", prefix("0.0.0.0", 0)), true],
    [
      "an address in a range",
      match(payload("ip", "saddr"), "==", range(address("10.244.1.7"), address("10.244.1.9"))),
      true,
    ],
    ["a port in a range", match(payload("tcp", "dport"), "==", range(number(79), number(81))), true],
    ["no port outside", match(payload("tcp", "dport"), "==", range(number(81), number(256))), false],
    ["a port that is less", match(payload("th", "dport"), "<", number(81)), true],
    ["no port that is less", match(payload("th", "dport"), "<", number(80)), false],
    ["a port of 16 bits as bytes order it", match(payload("th", "sport"), ">=", number(256)), true],
    ["the transport protocol", match(meta("l4proto"), "==", protocol(6)), true],
    ["no udp port of a tcp segment", match(payload("udp", "dport"), "==", number(80)), false],
    ["tcp flags by a shared bit", match(payload("tcp", "flags"), "==", name("syn"), name("ack")), true],
    [
      "tcp flags under a mask",
      match({ kind: "bitwise", operator: "&", left: payload("tcp", "flags"), right: 0x12 }, "==", number(2)),
      true,
    ],
    ["a ttl", match(payload("ip", "ttl"), "<=", number(63)), true],
    ["the packet's length", match(meta("length"), "==", number(packet4.length)), true],
    ["a length as a number, not as bytes", match(meta("length"), "<", number(256)), true],
    [
      "a mark under a mask",
      match({ kind: "bitwise", operator: "&", left: meta("mark"), right: 0x4000 }, "!=", number(0)),
      true,
      { mark: 0x4001 },
    ],
    ["a mark in a range of numbers", match(meta("mark"), "==", range(number(255), number(257))), true, { mark: 256 }],
    ["a mark in intervals", lookup(meta("mark"), [range(number(2), number(300)), number(1000)]), true, { mark: 256 }],
    ["the way in by name", match(meta("iifname"), "==", name("cni0")), true, { in: 2 }],
    ["another name than that of the way in", match(meta("iifname"), "!=", name("eth0")), true, { in: 2 }],
    ["no way in at all as another name", match(meta("iifname"), "!=", name("eth0")), true, { in: NO_INTERFACE }],
    ["a name that begins so", match(meta("iifname"), "==", name("veth*")), true, { in: 3 }],
    ["no name that does not begin so", match(meta("iifname"), "!=", name("veth*")), false, { in: 3 }],
    ["no interface of a name that none has", match(meta("oifname"), "==", name("wg0")), false, { out: 1 }],
    ["an interface by the kernel's index", match(meta("iif"), "==", number(3)), true, { in: 2 }],
    ["a new connection", match(state, "==", name("new")), true],
    ["one of two states", match(state, "==", name("established"), name("related")), true, { ct: CT_ESTABLISHED }],
    ["what conntrack has not seen as invalid", match(state, "==", name("invalid")), true, { ct: 0 }],
    ["an invalid packet", lookup(state, [name("invalid")]), true, { ct: CT_INVALID }],
    [
      "the connection's status by a shared bit",
      match(STATUS_FIELD, "==", name("dnat")),
      true,
      { status: DNAT | SEEN_REPLY },
    ],
    ["no status without a connection", match(STATUS_FIELD, "!=", name("dnat")), false],
    ["the node's own address", match({ kind: "fib", flags: ["daddr"], result: "type" }, "==", name("local")), false],
    ["a foreign one as unicast", match({ kind: "fib", flags: ["daddr"], result: "type" }, "==", name("unicast")), true],
    ["the way back", match({ kind: "fib", flags: ["saddr", "iif"], result: "oif" }, "!=", number(0)), true, { in: 2 }],
    [
      "an element of a set of prefixes",
      lookup(payload("ip", "saddr"), [prefix("10.1.0.0", 16), prefix("10.244.1.0", 24)]),
      true,
    ],
    [
      "no element of a negated one",
      lookup(payload("ip", "saddr"), [prefix("10.1.0.0", 16), prefix("10.244.1.0", 24)], true),
      false,
    ],
    [
      "what overlapping intervals hold",
      lookup(payload("ip", "saddr"), [prefix("10.0.0.0", 8), prefix("10.1.0.0", 16)]),
      true,
    ],
  ];

  test.each(rows.map(([fact, ...row]) => ({ fact, row })))("$fact", ({ row: [statement, expected, surroundings] }) => {
    const { problems } = engine.load(oneChain([[statement, drop]]));
    expect(problems).toEqual([]);
    engine.packet(packet4, surroundings);
    expect(engine.run(4, "forward")).toBe(expected ? DROP : ACCEPT);
  });

  const rows6: readonly (readonly [string, Statement, boolean])[] = [
    ["an IPv6 address that is equal", match(payload("ip6", "daddr"), "==", address("fd00:10:96::a")), true],
    ["an IPv6 address that is not", match(payload("ip6", "daddr"), "!=", address("fd00:10:96::b")), true],
    ["an IPv6 address in a prefix", match(payload("ip6", "saddr"), "==", prefix("fd00:10:244::", 48)), true],
    ["no IPv6 address in a negated prefix", match(payload("ip6", "saddr"), "!=", prefix("fd00:10:244::", 63)), false],
    ["an IPv6 address in a set of prefixes", lookup(payload("ip6", "saddr"), [prefix("fd00:10:244::", 48)]), true],
    [
      "an IPv6 range",
      match(payload("ip6", "saddr"), "==", range(address("fd00:10:244::"), address("fd00:10:244::8"))),
      true,
    ],
    ["a udp port behind IPv6", match(payload("udp", "dport"), "==", number(53)), true],
    ["no IPv4 address in an IPv6 packet", match(payload("ip", "daddr"), "!=", address("10.0.0.1")), false],
  ];

  test.each(rows6)("%s", (_, statement, expected) => {
    const { problems } = engine.load(oneChain([[statement, drop]], "inet"));
    expect(problems).toEqual([]);
    engine.packet(packet6);
    expect(engine.run(6, "forward")).toBe(expected ? DROP : ACCEPT);
  });

  test("no port of a later fragment, and no byte behind the packet", () => {
    engine.load(oneChain([[match(payload("th", "dport"), ">=", number(0)), drop]]));
    engine.packet(laterFragment(packet4));
    expect(engine.run(4, "forward")).toBe(ACCEPT);
    engine.packet(ip({ src: "10.0.0.1", dst: "10.0.0.2" }, { protocol: 47, bytes: new Uint8Array(3) }));
    expect(engine.run(4, "forward")).toBe(ACCEPT);
  });
});

describe("chains", () => {
  const [one, two, three] = ["one", "two", "three"];
  test("return to the rule after the jump, and go on there", () => {
    const chains = [
      chain("forward", [[verdict("jump", one)], [match(meta("mark"), "==", number(1)), drop]], {}),
      chain(one!, [
        [{ kind: "mangle", target: "meta mark", value: { kind: "literal", parts: [number(1)] } }],
        [verdict("return")],
        [verdict("accept")],
      ]),
    ];
    engine.load({ tables: [table(chains)] });
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(DROP);
    expect(engine.program.ruleAt(engine.wasm.rule!())).toMatchObject({ chain: "forward", index: 1 });
  });

  test("that a goto leads to return to where the first jump came from", () => {
    const chains = [
      chain("forward", [[verdict("jump", one)], [drop]], {}),
      chain(one!, [[verdict("goto", two)], [verdict("accept")]]),
      chain(two!, [[match(meta("l4proto"), "==", protocol(17)), verdict("accept")]]),
    ];
    engine.load({ tables: [table(chains)] });
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(DROP);
  });

  test("end with their policy", () => {
    engine.load({ tables: [table([chain("forward", [[verdict("return")]], { policy: "drop" })])] });
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(DROP);
    expect(engine.wasm.reason!()).toBe(42);
    expect(engine.program.ruleAt(engine.wasm.rule!())).toMatchObject({ chain: "forward", index: 0 });
  });

  test("are 16 deep at most, and never go in circles", () => {
    const deep = (levels: number) =>
      Array.from({ length: levels }, (_, i) =>
        chain(`c${i}`, i + 1 < levels ? [[verdict("jump", `c${i + 1}`)]] : [[drop]], i === 0 ? {} : undefined),
      );
    expect(engine.load({ tables: [table(deep(17))] }).problems.length).toBeGreaterThan(0);
    expect(engine.load({ tables: [table(deep(16))] }).problems).toEqual([]);
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(DROP);
    const circle = [
      chain("forward", [[verdict("jump", one)]], {}),
      chain(one!, [[verdict("goto", three)]]),
      chain(three!, [[verdict("jump", one)]]),
    ];
    expect(engine.load({ tables: [table(circle)] }).problems.map((problem) => problem.chain)).toContain("forward");
    expect(engine.run(4, "forward")).toBe(ACCEPT);
  });
});

describe("statements", () => {
  test("a rejected packet names the instruction that says how", () => {
    engine.load(oneChain([[{ kind: "reject" }]]));
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(REJECT);
    expect(engine.view().getUint32(engine.wasm.rule!() + 4, true)).toBe(0x0303);
  });

  test("icmpx answers in the packet's family", () => {
    engine.load(oneChain([[{ kind: "reject", with: { type: "icmpx", code: "admin-prohibited" } }]], "inet"));
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(REJECT);
    expect(engine.view().getUint32(engine.wasm.rule!() + 4, true)).toBe(0x0d03);
    engine.packet(packet6);
    expect(engine.run(6, "forward")).toBe(REJECT);
    expect(engine.view().getUint32(engine.wasm.rule!() + 4, true)).toBe(0x0101);
  });

  test("a tcp reset is for tcp only", () => {
    engine.load(oneChain([[{ kind: "reject", with: { type: "tcp reset" } }]]));
    engine.packet(ip({ src: "10.0.0.1", dst: "10.0.0.2" }, udp({ src: 1, dst: 2 })));
    expect(engine.run(4, "forward")).toBe(ACCEPT);
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(REJECT);
    expect(engine.view().getUint32(engine.wasm.rule!() + 4, true)).toBe(0xffff);
  });

  test("the mark is set, ored and xored as a number", () => {
    const set = (operator: "|" | "^" | "&", right: number): Statement => ({
      kind: "mangle",
      target: "meta mark",
      value: { kind: "bitwise", operator, left: meta("mark"), right },
    });
    engine.load(oneChain([[set("|", 0x4000)], [set("^", 0x4100)], [set("&", 0xfff)]]));
    engine.packet(packet4, { mark: 0x1ff });
    engine.run(4, "forward");
    expect(engine.wasm.mark!()).toBe(0xff);
  });

  test("a counter counts packets and bytes", () => {
    const { image } = engine.load(oneChain([[{ kind: "counter", packets: 5, bytes: 100 }]]));
    for (let i = 0; i < 3; i++) {
      engine.packet(packet4);
      engine.run(4, "forward");
    }
    const at = new DataView(image.buffer).getUint32(engine.chain(4, "forward").chain + 4, true);
    expect(engine.view().getBigUint64(at, true)).toBe(8n);
    expect(engine.view().getBigUint64(at + 8, true)).toBe(100n + 3n * BigInt(packet4.length));
  });

  test("numgen inc begins with its offset and goes round", () => {
    const numgen: Expression = { kind: "numgen", mode: "inc", modulus: 3, offset: 10 };
    engine.load(oneChain([[{ kind: "mangle", target: "meta mark", value: numgen }]]));
    const marks = Array.from({ length: 5 }, () => {
      engine.packet(packet4);
      engine.run(4, "forward");
      return engine.wasm.mark!();
    });
    expect(marks).toEqual([10, 11, 12, 10, 11]);
  });

  test("numgen random draws every number below its modulus", () => {
    engine.load(
      oneChain([
        [{ kind: "mangle", target: "meta mark", value: { kind: "numgen", mode: "random", modulus: 4, offset: 0 } }],
      ]),
    );
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      engine.packet(packet4);
      engine.run(4, "forward");
      counts[engine.wasm.mark!()]!++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test("what the packet may not do is a problem of its rule, and the other rules stand", () => {
    const { problems } = engine.load(
      oneChain([[match(payload("ip", "nonsense"), "==", number(1)), verdict("accept")], [drop]]),
    );
    expect(problems).toMatchObject([{ table: "test", chain: "forward", index: 0 }]);
    engine.packet(packet4);
    expect(engine.run(4, "forward")).toBe(DROP);
    expect(engine.program.ruleAt(engine.wasm.rule!())).toMatchObject({ index: 1 });
  });
});

describe("translations", () => {
  const endpoints = ["10.244.1.14", "10.244.2.13"];
  const toEndpoint: Statement = {
    kind: "dnat",
    family: "ip",
    addressAndPort: true,
    flags: [],
    target: {
      kind: "map",
      key: { kind: "numgen", mode: "inc", modulus: 2, offset: 0 },
      map: {
        kind: "anonymous",
        elements: endpoints.map((text, i) => ({ key: [number(i)], value: [address(text), number(8080)] })),
      },
    },
  };
  const services = table(
    [
      chain("nat-prerouting", [[verdict("jump", "services")]], { type: "nat", hook: "prerouting", priority: -100 }),
      chain("services", [
        [
          {
            kind: "vmap",
            key: { kind: "concat", parts: [payload("ip", "daddr"), meta("l4proto"), payload("th", "dport")] },
            map: { kind: "named", name: "service-ips" },
          },
        ],
      ]),
      chain("service-web", [[match(meta("l4proto"), "==", protocol(6)), toEndpoint]]),
    ],
    {
      sets: [
        {
          name: "service-ips",
          key: ["ipv4_addr", "inet_proto", "inet_service"],
          value: "verdict",
          flags: [],
          elements: [
            { key: [address("10.96.0.10"), protocol(6), number(80)], value: { kind: "goto", chain: "service-web" } },
          ],
        },
      ],
    },
  );

  test("a service's packet goes to its endpoints, others go nowhere", () => {
    expect(engine.load({ tables: [services] }).problems).toEqual([]);
    const destinations = [0, 1, 2].map(() => {
      engine.packet(packet4, { status: 0 });
      expect(engine.run(4, "prerouting")).toBe(ACCEPT);
      return engine.destination();
    });
    expect(destinations).toEqual(["10.244.1.14:8080", "10.244.2.13:8080", "10.244.1.14:8080"]);
    engine.packet(ip({ src: "10.244.1.7", dst: "10.96.0.10" }, tcp({ src: 40000, dst: 81, flags: "S" })), {
      status: 0,
    });
    expect(engine.run(4, "prerouting")).toBe(ACCEPT);
    expect(engine.destination()).toBe("10.96.0.10:81");
  });

  test("IPv6: to an address and a port that the rule names", () => {
    const dnat: Statement = {
      kind: "dnat",
      flags: [],
      target: { kind: "literal", parts: [address("fd00:10:244::9")] },
      port: number(5353),
    };
    engine.load({ tables: [table([chain("p", [[dnat]], { type: "nat", hook: "prerouting" })], { family: "ip6" })] });
    engine.packet(packet6, { status: 0 });
    expect(engine.run(6, "prerouting")).toBe(ACCEPT);
    expect(engine.destination()).toBe("fd00:10:244::9:5353");
  });

  test("masquerade takes the outgoing interface's address; snat a range of ports", () => {
    engine.load({
      tables: [
        table([chain("p", [[{ kind: "masquerade", flags: ["fully-random"] }]], { type: "nat", hook: "postrouting" })]),
      ],
    });
    engine.packet(packet4, { status: 0 });
    engine.leave(POSTROUTING, "10.96.0.10");
    expect(engine.run(4, "postrouting")).toBe(ACCEPT);
    expect(engine.source()).toMatch(/^192\.168\.10\.11:/);
    const snat: Statement = {
      kind: "snat",
      flags: [],
      target: { kind: "literal", parts: [address("192.0.2.1")] },
      port: range(number(50000), number(50000)),
    };
    engine.load({ tables: [table([chain("p", [[snat]], { type: "nat", hook: "postrouting" })])] });
    engine.packet(packet4, { status: 0 });
    expect(engine.run(4, "postrouting")).toBe(ACCEPT);
    expect(engine.source()).toBe("192.0.2.1:50000");
  });

  test("masquerade without an address on the way out loses the packet", () => {
    const network = {
      ...plainNetwork(),
      interfaces: plainNetwork().interfaces.map((device) => ({ ...device, addresses: [] })),
    };
    engine.load(
      { tables: [table([chain("p", [[{ kind: "masquerade", flags: [] }]], { type: "nat", hook: "postrouting" })])] },
      network,
    );
    engine.packet(packet4, { status: 0 });
    engine.leave(POSTROUTING, "10.96.0.10");
    expect(engine.run(4, "postrouting")).toBe(DROP);
    expect(engine.wasm.reason!()).toBe(52);
  });
});

test("icmp has no ports but a type", () => {
  engine.load(oneChain([[match(payload("icmp", "type"), "==", number(8)), drop]]));
  engine.packet(ip({ src: "10.0.0.1", dst: "10.0.0.2" }, icmp4(8, 0, 0)));
  expect(engine.run(4, "forward")).toBe(DROP);
});
