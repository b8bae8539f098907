/** Lines of `conntrack -L -o extended` as Linux 6.18 and conntrack 1.4.7 print them. */

import { expect, test } from "vitest";
import { type KnownConnection, knownConnectionsFrom } from "../../src/network/known-connections.ts";

const read = (line: string) => knownConnectionsFrom(line, "conntrack.txt");

test.each<[string, string, Partial<KnownConnection>]>([
  [
    "TCP behind DNAT, with counters and a mark",
    "ipv4     2 tcp      6 999 ESTABLISHED src=10.0.0.1 dst=10.96.0.10 sport=4000 dport=80 packets=3 bytes=180 src=10.244.1.5 dst=10.0.0.1 sport=8080 dport=4000 packets=2 bytes=120 [ASSURED] mark=7 use=1",
    {
      protocol: 6,
      timeoutSeconds: 999,
      state: "ESTABLISHED",
      original: { src: "10.0.0.1", dst: "10.96.0.10", sport: 4000, dport: 80, packets: 3, bytes: 180 },
      reply: { src: "10.244.1.5", dst: "10.0.0.1", sport: 8080, dport: 4000, packets: 2, bytes: 120 },
      unreplied: false,
      assured: true,
      mark: 7,
    },
  ],
  [
    "UDP without an answer, as conntrack -L prints it",
    "udp      17 29 src=127.0.0.1 dst=127.0.0.1 sport=5000 dport=6000 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 sport=6000 dport=5000 mark=0 use=1",
    { protocol: 17, timeoutSeconds: 29, unreplied: true, assured: false },
  ],
  [
    "an echo request",
    "ipv6     10 icmpv6   58 29 src=fd00::0:1 dst=fd00::2 type=128 code=0 id=77 [UNREPLIED] src=fd00::2 dst=fd00::1 type=129 code=0 id=77 mark=0 use=1",
    {
      protocol: 58,
      original: {
        src: "fd00::1",
        dst: "fd00::2",
        sport: 0,
        dport: 0,
        packets: 0,
        bytes: 0,
        icmp: { type: 128, code: 0, id: 77 },
      },
    },
  ],
  [
    "GRE, whose keys are in hexadecimal",
    "ipv4     2 gre      47 49 src=10.0.0.1 dst=10.0.0.2 srckey=0x1 dstkey=0xff src=10.0.0.2 dst=10.0.0.1 srckey=0xff dstkey=0x1 mark=0 use=1",
    { protocol: 47, original: { src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 255, packets: 0, bytes: 0 } },
  ],
  [
    "a protocol without a name",
    "ipv4     2 unknown  89 49 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1",
    { protocol: 89, timeoutSeconds: 49 },
  ],
  [
    "one that a flow table keeps alive, which has no time of its own",
    "ipv4     2 tcp      6 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 [OFFLOAD] mark=0 use=2",
    { protocol: 6, timeoutSeconds: 30, assured: true },
  ],
])("%s", (_, line, expected) => {
  const { value, problems } = read(line);
  expect(problems).toEqual([]);
  expect(value).toMatchObject([expected]);
});

test("what is no entry is passed over: remarks, nothing, the tool's last line", () => {
  const text =
    "# taken at noon\n(the table was empty)\n\nconntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.\n";
  expect(read(text)).toEqual({ value: [], problems: [] });
});

test.each([
  "hello",
  "ipv4 2 tcp 6 999 ESTABLISHED src=10.0.0.1 dst=10.96.0.10 sport=4000 dport=80",
  "ipv4 2 udp 17 9 src=10.0.0 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1",
  "ipv4 2 udp 17 9 src=10.0.0.1 dst=10.0.0.2 sport=x dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1",
  "ipv4 2 x 999 9 src=10.0.0.1 dst=10.0.0.2 src=10.0.0.2 dst=10.0.0.1",
])("not a connection: %s", (line) => {
  expect(read(`\n${line}`)).toMatchObject({
    value: [],
    problems: [{ severity: "error", place: { line: 2 }, message: "not a connection" }],
  });
});

test.each([
  ["zone-orig=6", "", { number: 6, directions: "original" }],
  ["", "zone-reply=7", { number: 7, directions: "reply" }],
  ["", "mark=0 zone=5", { number: 5, directions: "both" }],
])("a zone: %s%s", (afterOriginal, atEnd, zone) => {
  const original = `src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 ${afterOriginal}`;
  const { value, problems } = read(
    `ipv4 2 udp 17 9 ${original} src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 ${atEnd} use=1`,
  );
  expect(problems).toEqual([]);
  expect(value).toMatchObject([{ zone }]);
});
