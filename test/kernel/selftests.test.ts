/**
 * The situations of Linux's own conntrack selftests (tools/testing/selftests/net/netfilter/packetdrill), as segments that
 * a router forwards: which of them pass, and what conntrack knows of the connection then.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { describeKernel } from "../support/kernel.ts";
import { tcp } from "../support/transport.ts";
import { droppingInvalid } from "./rules.ts";
import { Twins } from "./twins.ts";
import { CLIENT, POD } from "./world.ts";

/** `> S 0 win 65535 wscale 8`: direction, flags, numbers as offsets from each side's first. */
interface Segment {
  readonly line: string;
  /** It is invalid, and does not pass. */
  readonly isInvalid?: boolean;
  /** What the connection is afterwards. */
  readonly state?: string;
}

const FIRST = { ">": 0x1000_0000, "<": 0x2000_0000 } as const;
const PORTS = { client: 40000, server: 8080 } as const;
const MSS = [2, 4, 5, 0xb4];
const SCALE = (shift: number) => [1, 3, 3, shift];
const LINE = /^([<>]) (\S+) (\d+)(?:\+(\d+))?(?: ack (\d+))?(?: win (\d+))?(?: wscale (\d+))?$/;

const passes = (...lines: readonly string[]): Segment[] => lines.map((line) => ({ line }));
const invalid = (line: string, state?: string): Segment => ({ line, isInvalid: true, ...(state && { state }) });
const then = (line: string, state: string): Segment => ({ line, state });

const CONNECTED = [
  ...passes("> S 0 win 65535 wscale 8", "< SA 0 ack 1 win 65535", "> A 1 ack 1 win 65535"),
  ...passes("< A 1+1000 ack 1 win 65535", "< A 1001+1000 ack 1 win 65535", "< A 2001+1000 ack 1 win 65535"),
  ...passes("> A 1 ack 1001 win 65535", "> A 1 ack 2001 win 65535", "> A 1 ack 3001 win 65535"),
];

/** 46 segments of 1460 bytes, each acknowledged. */
const MUCH_DATA = Array.from({ length: 46 }, (_, n) =>
  passes(`> PA ${1 + n * 1460}+1460 ack 1 win 257`, `< A 1 ack ${1 + (n + 1) * 1460} win 65535`),
).flat();

const SITUATIONS: Readonly<Record<string, readonly Segment[]>> = {
  "ack_loss_stall: data that was acknowledged long ago comes again, and so does its acknowledgement": [
    ...passes("> S 0 win 32792", "< SA 0 ack 1 win 65535", "> A 1 ack 1 win 65535"),
    ...MUCH_DATA,
    ...passes("> PA 1+1460 ack 1 win 257"),
    then("< A 1 ack 67161 win 65535", "ESTABLISHED"),
  ],
  "inexact_rst: on its way to its end a connection is closed by a RST that is not exact": [
    ...CONNECTED,
    ...passes("> PA 1+1000 ack 3001 win 65535"),
    then("< FA 3001 ack 1001 win 65535", "FIN_WAIT"),
    then("> A 1001 ack 3002 win 65535", "CLOSE_WAIT"),
    then("> RA 1001 ack 3002 win 65535", "CLOSE"),
    then("< R 2001 win 0", "CLOSE"),
  ],
  "rst_invalid: only a RST with the very next number closes an established connection": [
    ...CONNECTED,
    invalid("< R 0 win 0", "ESTABLISHED"),
    invalid("< R 1000000 win 0", "ESTABLISHED"),
    invalid("< R 42 win 0", "ESTABLISHED"),
    ...passes("> PA 1+1000 ack 3001 win 65535", "< A 3001 ack 1001 win 65535"),
    invalid("< RA 3000 ack 1001 win 0", "ESTABLISHED"),
    then("< RA 3001 ack 1001 win 0", "CLOSE"),
  ],
  "syn_challenge_ack: a SYN is challenged, the RST that answers lets the next SYN through": [
    ...passes("> S 0 win 65535 wscale 8", "< A 145824453 ack 643160523 win 240"),
    then("> R 643160523 win 0", "CLOSE"),
    then("> S 0 win 65535 wscale 8", "SYN_SENT unreplied"),
    ...passes("< SA 0 ack 1 win 250 wscale 0"),
    then("> A 1 ack 1 win 256", "ESTABLISHED assured"),
  ],
  "synack_old: the answer to an older SYN is invalid, the right one is not": [
    ...passes("> S 0 win 65535 wscale 8"),
    invalid("< SA 145824453 ack 643160523 win 240 wscale 0"),
    then("> S 0 win 65535 wscale 8", "SYN_SENT unreplied"),
    then("< SA 145758918 ack 1 win 250 wscale 0", "SYN_RECV"),
    then("> A 1 ack 145758919 win 256", "ESTABLISHED assured"),
    then("> PA 1+1 ack 145758919 win 256", "ESTABLISHED"),
  ],
  "synack_reuse: a SYN in mid-connection is challenged, and after the RST it opens a new one": [
    ...passes("> S 0 win 32792 wscale 7", "< SA 0 ack 1 win 65535 wscale 8", "> A 1 ack 1 win 257"),
    ...passes("> PA 1+100 ack 1 win 257", "< A 1 ack 101 win 256"),
    then("> S 2000 win 32792 wscale 7", "ESTABLISHED"),
    then("< A 1 ack 101 win 256", "ESTABLISHED"),
    then("> RA 101 ack 1 win 257", "CLOSE"),
    then("> S 2000 win 32792 wscale 0", "SYN_SENT"),
    then("< SA 0 ack 2001 win 65535 wscale 8", "SYN_RECV"),
  ],
};

describeKernel("conntrack's selftests", () => {
  let twins: Twins;
  beforeAll(() => {
    twins = new Twins({ ruleset: droppingInvalid() });
  });
  afterAll(() => twins?.close());

  it.each(Object.entries(SITUATIONS))("%s", async (_, segments) => {
    await twins.forget();
    for (const segment of segments) {
      expect(send(twins, segment.line) === 0, segment.line).toBe(segment.isInvalid === true);
      if (segment.state === undefined) continue;
      expect(twins.compare(segment.line), segment.line).toEqual([expect.stringMatching(`^tcp ${segment.state} `)]);
    }
  });
});

/** How many frames left. */
function send({ talk }: Twins, line: string): number {
  const [, direction, flags = "", sequence, bytes, acknowledged, window, scale] = LINE.exec(line) ?? [];
  if (direction !== ">" && direction !== "<") throw new Error(`not a segment: ${line}`);
  const isForth = direction === ">";
  const segment = tcp(
    {
      src: isForth ? PORTS.client : PORTS.server,
      dst: isForth ? PORTS.server : PORTS.client,
      flags,
      seq: (FIRST[direction] + Number(sequence)) >>> 0,
      ack: acknowledged === undefined ? 0 : (FIRST[isForth ? "<" : ">"] + Number(acknowledged)) >>> 0,
      window: Number(window),
      ...(flags.includes("S") ? { options: Uint8Array.from([...MSS, ...(scale ? SCALE(Number(scale)) : [])]) } : {}),
    },
    new Uint8Array(Number(bytes ?? 0)),
  );
  const ends = { srcPort: 0, dstPort: 0 };
  return isForth
    ? talk.say(CLIENT, { src: CLIENT.ip4, dst: POD.ip4, ...ends }, segment).length
    : talk.say(POD, { src: POD.ip4, dst: CLIENT.ip4, ...ends }, segment).length;
}
