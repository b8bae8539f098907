/** A node's snapshot, as iproute2, sysctl and ss print it → its network. */

import { describe, expect, test } from "vitest";
import { deriveNetwork } from "../../src/network/derive.ts";
import { networkFrom } from "../../src/network/snapshot.ts";

const NOTHING = deriveNetwork({ nodes: [], services: [], endpointSlices: [], pods: [] }, "node1");

const LINKS = JSON.stringify([
  {
    ifindex: 1,
    ifname: "lo",
    flags: ["LOOPBACK", "UP"],
    mtu: 65536,
    link_type: "loopback",
    address: "00:00:00:00:00:00",
  },
  {
    ifindex: 3,
    ifname: "veth1",
    flags: ["UP"],
    mtu: 1450,
    link_type: "ether",
    address: "02:AA:00:00:00:03",
    master: "cni0",
  },
  {
    ifindex: 2,
    ifname: "eth0",
    flags: ["BROADCAST", "UP"],
    mtu: 1500,
    link_type: "ether",
    address: "02:00:00:00:00:02",
  },
  { ifindex: 4, ifname: "tun0", flags: ["POINTOPOINT", "NOARP"], mtu: 1400, link_type: "none" },
]);
const ADDRESSES = JSON.stringify([
  {
    ifname: "eth0",
    addr_info: [{ local: "192.168.10.11", prefixlen: 24, scope: "global", broadcast: "192.168.10.255" }],
  },
  { ifname: "lo", addr_info: [{ local: "127.0.0.1", prefixlen: 8, scope: "host" }, {}] },
]);

describe("interfaces", () => {
  const { network, problems } = networkFrom({ "link.json": LINKS, "addr.json": ADDRESSES }, NOTHING);

  test("come in the order of their numbers, with the addresses that the other file has", () => {
    expect(problems).toEqual([]);
    expect(network.interfaces.map(({ name, index }) => [name, index])).toEqual([
      ["lo", 1],
      ["eth0", 2],
      ["veth1", 3],
      ["tun0", 4],
    ]);
    expect(network.interfaces[1]?.addresses).toEqual([
      { address: "192.168.10.11", prefixLength: 24, scope: "global", secondary: false, broadcast: "192.168.10.255" },
    ]);
  });

  test("know their bridge, their link address and whether they are up", () => {
    expect(network.interfaces[2]).toMatchObject({ mac: "02:aa:00:00:00:03", master: "cni0", mtu: 1450, up: true });
    expect(network.interfaces[3]).toMatchObject({ linkType: "none", up: false });
    expect(network.interfaces[0]).not.toHaveProperty("mac");
    expect(network).toMatchObject({ kind: "node", linkAddresses: true });
  });
});

describe("routes", () => {
  const routes = (json: object[], file: "route.json" | "route6.json" = "route.json") =>
    networkFrom({ [file]: JSON.stringify(json) }, NOTHING).network.routes;

  test("are unicast in the main table unless they say otherwise, hosts have full prefixes", () => {
    expect(
      routes([
        { dst: "default", gateway: "192.168.10.1", dev: "eth0", flags: [] },
        { dst: "10.244.1.12", dev: "vp0" },
      ]),
    ).toEqual([
      {
        type: "unicast",
        destination: "0.0.0.0/0",
        interface: "eth0",
        gateway: "192.168.10.1",
        table: "main",
        metric: 0,
      },
      { type: "unicast", destination: "10.244.1.12/32", interface: "vp0", table: "main", metric: 0 },
    ]);
    expect(routes([{ dst: "default", dev: "eth0" }], "route6.json")[0]?.destination).toBe("::/0");
    expect(routes([{ dst: "fd00::1", dev: "eth0", metric: 256 }], "route6.json")[0]).toMatchObject({
      destination: "fd00::1/128",
      metric: 256,
    });
  });

  test("keep type, table, preferred source and MTU", () => {
    const [route] = routes([
      { type: "local", dst: "10.0.0.1", dev: "lo", table: "local", prefsrc: "10.0.0.1", metrics: [{ mtu: 1280 }] },
    ]);
    expect(route).toMatchObject({ type: "local", table: "local", source: "10.0.0.1", mtu: 1280 });
  });

  test("with several next hops go by the first; dead ones and unknown types are left out", () => {
    const hops = [
      { gateway: "10.0.0.2", dev: "eth1" },
      { gateway: "10.0.0.3", dev: "eth2" },
    ];
    expect(routes([{ dst: "10.1.0.0/16", nexthops: hops }])[0]).toMatchObject({
      gateway: "10.0.0.2",
      interface: "eth1",
    });
    expect(
      routes([
        { dst: "10.1.0.0/16", dev: "eth0", flags: ["dead"] },
        { type: "nat", dst: "10.2.0.0/16" },
      ]),
    ).toEqual(NOTHING.routes);
  });

  test("through a gateway of the other family keep it", () => {
    expect(routes([{ dst: "10.1.0.0/16", via: { family: "inet6", host: "fe80::1" }, dev: "eth0" }])[0]?.gateway).toBe(
      "fe80::1",
    );
  });
});

test("neighbours whose link address is not known are left out", () => {
  const neighbours = [
    { dst: "10.0.0.1", dev: "eth0", lladdr: "02:00:00:00:00:AA", state: ["PERMANENT"] },
    { dst: "10.0.0.2", dev: "eth0", state: ["FAILED"] },
    { dst: "10.0.0.3", dev: "eth0", lladdr: "02:00:00:00:00:bb", state: ["INCOMPLETE"] },
  ];
  const { network } = networkFrom({ "neigh.json": JSON.stringify(neighbours) }, NOTHING);
  expect(network.neighbours).toEqual([{ address: "10.0.0.1", interface: "eth0", mac: "02:00:00:00:00:aa" }]);
});

test("sysctls are names and values", () => {
  const { network } = networkFrom(
    { "sysctl.txt": "net.ipv4.ip_forward = 1\nnet.ipv4.ip_local_port_range = 32768\t60999\n" },
    NOTHING,
  );
  expect(network.sysctls).toEqual({ "net.ipv4.ip_forward": "1", "net.ipv4.ip_local_port_range": "32768\t60999" });
});

test("sockets are what listens, on an address or on all", () => {
  const text = [
    "tcp   LISTEN 0      4096   127.0.0.53%lo:53         0.0.0.0:*",
    "tcp   LISTEN 0      128             [::]:22            [::]:*",
    "udp   UNCONN 0      0                  *:68               *:*",
    "nl    UNCONN 0      0               rtnl:kernel            *",
    "",
  ].join("\n");
  expect(networkFrom({ "sockets.txt": text }, NOTHING).network.sockets).toEqual([
    { protocol: "tcp", address: "127.0.0.53", port: 53 },
    { protocol: "tcp", address: "::", port: 22 },
    { protocol: "udp", address: "::", port: 68 },
  ]);
});

test("a file that is no JSON is a problem that names the command which prints it", () => {
  const { problems } = networkFrom({ "route.json": "default via 10.0.0.1" }, NOTHING, (file) => `snap/${file}`);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(/^snap\/route\.json: is not JSON/);
  expect(problems[0]?.remedy).toContain("ip -j route show table all");
});
