/** Lines of events.txt: what they mean, and what is said of those that mean nothing. */

import { describe, expect, test } from "vitest";
import { readEvents, readTime } from "../../src/events/parse.ts";
import { changedRoutes } from "../../src/events/route-command.ts";
import type { Route } from "../../src/network/types.ts";

const only = (line: string) => readEvents(`1.5 ${line}\n`, "events.txt");

describe("times", () => {
  test.each([
    ["1795221650.966008279", 1_795_221_650_966_008_279n],
    ["[1795221650.966008]", 1_795_221_650_966_008_000n],
    ["1795221650", 1_795_221_650_000_000_000n],
    ["2026-11-21T00:40:50.966008279Z", 1_795_221_650_966_008_279n],
    ["2026-11-21T01:40:50+01:00", 1_795_221_650_000_000_000n],
  ])("%s", (text, nanoseconds) => expect(readTime(text)).toBe(nanoseconds));

  test.each(["yesterday", "1.1234567890", "2026-11-21", "2026-13-21T00:00:00Z", "-1"])("not %s", (text) =>
    expect(readTime(text)).toBeUndefined());

  test("commands are given in the order of their times, whatever the order of the lines", () => {
    const { value } = readEvents("3 sysctl -w a=3\n# nothing\n\n1 sysctl -w a=1 # first\n2 sysctl -w a=2\n", "e");
    expect(value.map(({ change }) => change)).toMatchObject([{ value: "1" }, { value: "2" }, { value: "3" }]);
    expect(value.map(({ place }) => place.line)).toEqual([4, 5, 1]);
  });
});

describe("commands", () => {
  test.each([
    [
      "ip route replace unreachable 10.244.1.12",
      { verb: "replace", route: { type: "unreachable", destination: "10.244.1.12/32", table: "main", metric: 0 } },
    ],
    [
      "ip route add default via 192.168.1.1 dev eth0 metric 100 mtu 1400",
      { route: { destination: "0.0.0.0/0", gateway: "192.168.1.1", interface: "eth0", metric: 100, mtu: 1400 } },
    ],
    ["ip -6 route del default", { verb: "delete", route: { destination: "::/0", metric: 1024 } }],
    ["ip route add fd00::1 dev eth0 proto static", { route: { type: "unicast", destination: "fd00::1/128" } }],
    ["ip link set dev eth0 mtu 1300", { kind: "mtu", interface: "eth0", mtu: 1300 }],
    ["ip link set eth0 mtu 1300", { kind: "mtu", interface: "eth0", mtu: 1300 }],
    ["sysctl -w net.ipv4.ip_forward=0", { kind: "sysctl", name: "net.ipv4.ip_forward", value: "0" }],
    ["kubectl apply -f web.yaml", { kind: "manifests", verb: "apply", path: "web.yaml" }],
    ["snapshot later/", { kind: "snapshot", path: "later/" }],
    ["conntrack -F", { kind: "endConnections", filter: [] }],
  ])("%s", (line, change) => {
    const { value, problems } = only(line);
    expect(problems).toEqual([]);
    expect(value).toMatchObject([{ time: 1_500_000_000n, change }]);
  });

  test.each([
    ["reboot", "reboot: not a command that is known here"],
    ["", "an empty command: not a command that is known here"],
    ["ip route flush", "ip route flush: it has add, replace and del"],
    ["ip route add 10.0.0.256", "10.0.0.256: not a destination"],
    ["ip route add 10.0.0.1 via nobody", "ip route's via nobody is not understood"],
    ["ip route add 10.0.0.1 dev", "dev has no value"],
    [
      "ip link set eth0 down",
      "ip link set eth0 down: of ip's commands, ip route and ip link set DEV mtu N are known here",
    ],
    ["sysctl -w a", "sysctl: it wants one KEY=VALUE"],
    [
      "sysctl -w net.netfilter.nf_conntrack_udp_timout=1",
      "net.netfilter.nf_conntrack_udp_timout: conntrack has no such setting",
    ],
    [
      "sysctl -w net.netfilter.nf_conntrack_max=1",
      "net.netfilter.nf_conntrack_max: the table's size cannot change while a capture runs",
    ],
    ["conntrack -U", "conntrack: -D and -F are known here"],
    ["conntrack -D --status ASSURED", "conntrack's option --status is not known here"],
    ["conntrack -D -s", "-s has no value"],
    ["conntrack -D -s 10.0.0", "-s 10.0.0: not a value that it takes"],
    ["kubectl scale", "kubectl: apply -f FILE and delete -f FILE are known here"],
  ])("not: %s", (line, message) => {
    expect(only(line).problems).toMatchObject([{ severity: "error", place: { file: "events.txt", line: 1 }, message }]);
  });

  test("a line without a time", () => {
    expect(readEvents("ip route del default", "e").problems).toMatchObject([{ message: "ip: not a time" }]);
  });
});

describe("conntrack -D ends", () => {
  const connection = {
    protocol: "tcp",
    original: { src: "10.0.0.1", dst: "10.96.0.10", sport: 4000, dport: 80 },
    reply: { src: "10.244.1.5", dst: "10.0.0.1", sport: 8080, dport: 4000 },
    status: [],
    packets: [1, 1],
    bytes: [1, 1],
    mark: 7,
  } as const;

  test.each([
    ["", true],
    ["-p tcp -s 10.0.0.1 -d 10.96.0.10 --sport 4000 --dport 80", true],
    ["-d 10.96.0.0/16", true],
    ["-d fd00::/16", false],
    ["-r 10.244.1.5 --reply-port-src 8080", true],
    ["-q 10.0.0.2", false],
    ["-p udp", false],
    ["-f ipv6", false],
    ["-m 7", true],
  ])("by %s: %s", (options, isMeant) => {
    const [event] = only(`conntrack -D ${options}`).value;
    const filter = event?.change.kind === "endConnections" ? event.change.filter : undefined;
    expect(filter?.every((condition) => condition(connection))).toBe(isMeant);
  });
});

describe("routes", () => {
  const route = (destination: string, fields: Partial<Route> = {}): Route => ({
    type: "unicast",
    destination,
    table: "main",
    metric: 0,
    ...fields,
  });
  const before = [route("10.0.0.0/8", { interface: "a" }), route("10.0.0.0/8", { interface: "b", metric: 1 })];

  test("are replaced where destination, table and metric are the same", () => {
    const after = changedRoutes(before, "replace", route("10.0.0.0/8", { type: "prohibit" }));
    expect(after).toEqual([before[1], route("10.0.0.0/8", { type: "prohibit" })]);
  });

  test("are added, and deleted", () => {
    expect(changedRoutes(before, "add", route("::/0"))).toHaveLength(3);
    expect(changedRoutes(before, "delete", route("10.0.0.0/8"))).toEqual([before[1]]);
  });
});
