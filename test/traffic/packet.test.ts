/** Packets as conversations have them, held against the tests' own maker of packets. */

import { describe, expect, it } from "vitest";
import { makePacket } from "../../src/traffic/packet.ts";
import { ACK, PSH, SYN, sctpPacket, tcpSegment, udpDatagram } from "../../src/traffic/transport.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { sctp, tcp, udp } from "../support/transport.ts";

const COUNT = 500;
const ADDRESSES = {
  4: ["10.244.1.5", "10.96.0.1", "203.0.113.255"],
  6: ["fd00:10:244:1::5", "fd00:10:96::1", "2001:db8::ffff"],
} as const;

describe(`${COUNT} packets of seed ${SEED}`, () => {
  it.each(["tcp", "udp", "sctp"] as const)("of %s are the same, to the byte", (protocol) => {
    const random = new Random(SEED);
    for (let n = 0; n < COUNT; n++) {
      const addresses = ADDRESSES[random.pick([4, 6] as const)];
      const ends = {
        src: random.pick(addresses),
        dst: random.pick(addresses),
        sport: random.below(65536),
        dport: random.below(65536),
      };
      const id = random.below(65536);
      const [made, expected] = both(protocol, random, { src: ends.sport, dst: ends.dport });
      const header = { src: ends.src, dst: ends.dst, id, dontFragment: true };
      expect(makePacket(ends, made, id), `packet ${n}`).toEqual(ip(header, expected));
    }
  });

  it("never have a UDP checksum of zero, which would say that there is none", () => {
    const ends = { src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 };
    const sums = Array.from({ length: 65536 }, (_, word) => {
      const packet = makePacket(ends, udpDatagram(Uint8Array.of(word >> 8, word & 255)), 0);
      return (packet[26]! << 8) | packet[27]!;
    });
    expect(sums).not.toContain(0);
    expect(sums).toContain(0xffff);
  });
});

function both(protocol: "tcp" | "udp" | "sctp", random: Random, ports: { src: number; dst: number }) {
  const data = random.bytes(random.below(50));
  const [seq, ack] = [random.below(2 ** 32), random.below(2 ** 32)];
  if (protocol === "udp") return [udpDatagram(data), udp(ports, data)] as const;
  if (protocol === "sctp") {
    const chunks = [{ type: random.below(15), flags: random.below(4), value: data }, { type: 11 }];
    return [sctpPacket(seq, ...chunks), sctp({ ...ports, tag: seq }, ...chunks)] as const;
  }
  const [flags, letters] = random.pick([
    [SYN, "S"],
    [SYN | ACK, "SA"],
    [PSH | ACK, "PA"],
  ] as const);
  return [tcpSegment({ flags, seq, ack }, data), tcp({ ...ports, flags: letters, seq, ack }, data)] as const;
}
