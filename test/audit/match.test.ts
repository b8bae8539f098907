/** Predicted against captured frames: what is the same, what is missing, what differs and in which field. */

import { describe, expect, test } from "vitest";
import { makeFrame } from "../../src/audit/frame.ts";
import { Matcher } from "../../src/audit/match.ts";
import { frame, ip4 } from "../support/packet.ts";
import { tcp } from "../support/transport.ts";

const ETHERNET_BYTES = 14;
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const;

interface Options {
  readonly id?: number;
  readonly seq?: number;
  readonly dst?: string;
  readonly ttl?: number;
  readonly mac?: string;
  readonly padTo?: number;
}

function bytes({ id = 1, seq = 100, dst = "10.0.0.2", ttl = 63, mac = MACS[1], padTo = 0 }: Options = {}): Uint8Array {
  return frame(
    MACS[0],
    mac,
    ip4({ src: "10.0.0.1", dst, id, ttl }, tcp({ src: 1000, dst: 80, flags: "A", seq })),
    padTo,
  );
}

const seen = (n: number, options?: Options) => makeFrame(n, bytes(options), ETHERNET_BYTES, true, false);
const made = (n: number, options?: Options) => makeFrame(n, bytes(options), ETHERNET_BYTES, true, true);

function matched(predicted: ReturnType<typeof seen>[], captured: ReturnType<typeof seen>[]): Matcher {
  const matcher = new Matcher("eth0");
  for (const each of captured) matcher.capture(each);
  for (const each of predicted) matcher.predict(each);
  matcher.settle(true);
  return matcher;
}

describe("frames match", () => {
  test("when every byte is the same, padding aside", () => {
    expect(matched([seen(1)], [seen(2, { padTo: 60 })])).toMatchObject({
      matched: 1,
      missing: [],
      extra: [],
      different: [],
    });
  });

  test("whatever the IP id of a packet that the node made", () => {
    expect(matched([made(1, { id: 7 })], [seen(2, { id: 9 })])).toMatchObject({ matched: 1, different: [] });
  });

  test("around one that is missing and one too many", () => {
    const predicted = [1, 2, 3, 4].map((seq) => seen(seq, { seq }));
    const captured = [1, 3, 9, 4].map((seq) => seen(10 + seq, { seq }));
    const matcher = matched(predicted, captured);
    expect(matcher).toMatchObject({ matched: 3, outbound: 4 });
    expect(matcher.missing.map(({ n }) => n)).toEqual([2]);
    expect(matcher.extra.map(({ n }) => n)).toEqual([19]);
  });
});

describe("frames differ", () => {
  test.each<[string, Options, string, string, string]>([
    ["in the IP id of a forwarded packet", { id: 2 }, "ip.id", "1", "2"],
    [
      "in the destination, without telling the checksums that follow",
      { dst: "10.0.0.3" },
      "ip.dst",
      "10.0.0.2",
      "10.0.0.3",
    ],
    ["in the TTL", { ttl: 62 }, "ip.ttl", "63", "62"],
    [
      "in the link header",
      { mac: "02:00:00:00:00:03" },
      "link",
      "0200000000020200000000010800",
      "0200000000030200000000010800",
    ],
  ])("%s", (_, options, field, predicted, captured) => {
    expect(matched([seen(1)], [seen(5, options)]).different).toEqual([{ n: 5, field, predicted, captured }]);
  });

  test("too much to be the same packet", () => {
    expect(matched([seen(1, { seq: 1 })], [seen(2, { seq: 2 })])).toMatchObject({
      different: [],
      missing: [{ n: 1 }],
      extra: [{ n: 2 }],
    });
  });
});

test("a frame waits only so long for its partner", () => {
  const matcher = new Matcher("eth0");
  for (let seq = 0; seq < 600; seq++) matcher.predict(seen(seq, { seq }));
  matcher.settle(false);
  expect(matcher.missing.length).toBe(600 - 512);
});
