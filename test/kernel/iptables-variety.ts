/** Packets that differ in whatever a match of iptables may ask, and rules that ask it. */

import { zeros } from "../support/bytes.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import type { Conversation } from "./conversation.ts";
import type { IptablesCase } from "./iptables-rules.ts";
import type { Family } from "./services.ts";
import { CLIENT, NODE, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

export const FAMILIES: readonly Family[] = ["ip4", "ip6"];

function mss(size: number): Uint8Array {
  return Uint8Array.of(2, 4, size >> 8, size & 0xff);
}

/** Packets that differ in whatever a match may ask. */
export function variety(talk: Conversation, family: Family): void {
  const message = family === "ip4" ? icmp4 : icmp6;
  const echo = family === "ip4" ? 8 : 128;
  for (const [client, target] of [
    [CLIENT, POD],
    [POD_NARROW, POD],
    [CLIENT, NODE],
    [POD, POD_NARROW],
    [POD_BESIDE, CLIENT],
  ] as const) {
    const [src, dst] = [client[family], target[family]];
    for (const port of [22, 80, 85, 443, 8080]) {
      const ends = { src, dst, srcPort: 40000 + port, dstPort: port };
      const ports = { src: ends.srcPort, dst: port };
      talk.say(client, ends, tcp({ ...ports, flags: "S", seq: 1, ...(port > 80 && { options: mss(900 + port) }) }), {
        ttl: 64,
        hopLimit: 64,
        tos: 0x10,
        trafficClass: 0x10,
      });
      talk.say(client, ends, udp(ports, zeros(port % 1000)), {
        ttl: port,
        hopLimit: port,
        tos: 0xb9,
        trafficClass: 0xb9,
      });
    }
    const ends = { src, dst, srcPort: 1000, dstPort: 2000 };
    for (const flags of ["SA", "A", "FA", "R", "SEW", "FPU", "", "PA"])
      talk.say(client, ends, tcp({ src: 1000, dst: 2000, flags }));
    talk.say(client, { ...ends, srcPort: 0, dstPort: 0 }, message(echo, 0, 1, zeros(8)));
    talk.say(client, { ...ends, srcPort: 0, dstPort: 0 }, message(family === "ip4" ? 17 : 3, 0, 1, zeros(48)));
  }
}

/** A rule that matches counts, marks and drops; in all hooks where it may stand. */
export function inFilter(words: string, chains: readonly string[] = ["INPUT", "FORWARD"]): string {
  const declared = ["INPUT", "FORWARD", "OUTPUT"].map((name) => `:${name} ACCEPT [0:0]`);
  const rules = chains.map((name) => `-A ${name} ${words} -j matched`);
  return ["*filter", ...declared, ":matched - [0:0]", ...rules, "-A matched -j DROP", "COMMIT", ""].join("\n");
}

export function inRaw(words: string): string {
  return [
    "*raw",
    ":PREROUTING ACCEPT [0:0]",
    ":OUTPUT ACCEPT [0:0]",
    `-A PREROUTING ${words} -j DROP`,
    "COMMIT",
    "",
  ].join("\n");
}

export function cases(
  words: readonly string[],
  families: readonly Family[],
  rules: (words: string) => string,
): readonly IptablesCase[] {
  return families.flatMap((family) =>
    words.map((one): IptablesCase => ({ name: one, family, rules: rules(one), play: (talk) => variety(talk, family) })),
  );
}

/** Nothing happens for a while. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
