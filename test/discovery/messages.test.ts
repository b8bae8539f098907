/** Queries as bytes: what is answered, what is refused, what is left alone, and that none of them breaks the server. */

import { type Answer, decode, encode, type OptAnswer } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { respond, type Transport } from "../../src/discovery/respond.ts";
import { DEFAULT_ZONE } from "../../src/discovery/types.ts";
import { directoryFrom, service, slice } from "./cluster.ts";

const NAME = "web.default.svc.cluster.local";
const MANY = "many.default.svc.cluster.local";
const ENDPOINTS = 40;
const RD = 0x0100;
const TC = 0x0200;
const AA = 0x0400;
const CODE = 0xf;
const CODES = { FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const HEADER_BYTES = 12;

const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => `{addresses: [10.244.0.${index + 1}]}`);
const directory = directoryFrom(
  service("web", "{clusterIP: 10.96.0.1, ports: [{name: http, port: 80}]}"),
  service("many", "{clusterIP: None, ports: [{name: http, port: 80}]}"),
  slice("many", { ports: "[{name: http, port: 80}]", endpoints: `[${endpoints.join(", ")}]` }),
);

function answerTo(message: Uint8Array, transport: Transport = "udp"): Buffer | undefined {
  return respond(directory, DEFAULT_ZONE, Buffer.from(message), transport);
}

function query(name: string, type: "A" | "SRV" = "A", edns?: Partial<OptAnswer>): Buffer {
  const option: Answer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: 1232,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
    ...edns,
  };
  return encode({
    type: "query",
    id: 4711,
    flags: RD,
    questions: [{ name, type }],
    additionals: edns === undefined ? [] : [option],
  });
}

function decoded(message: Buffer | undefined) {
  if (message === undefined) throw new Error("no answer");
  const packet = decode(message);
  return { ...packet, flags: packet.flags ?? 0, answers: packet.answers ?? [], additionals: packet.additionals ?? [] };
}

/** A query with some bytes overwritten. */
function changed(at: number, ...bytes: readonly number[]): Buffer {
  const message = query(NAME);
  message.set(bytes, at);
  return message;
}

describe("an answer", () => {
  it("has the query's id, question and RD, and authority", () => {
    const answer = decoded(answerTo(query(NAME)));
    expect(answer).toMatchObject({ id: 4711, type: "response", flags: AA | RD });
    expect(answer.questions).toEqual([{ name: NAME, type: "A", class: "IN" }]);
    expect(answer.answers).toMatchObject([{ name: NAME, type: "A", ttl: 5, data: "10.96.0.1" }]);
    expect(answer.additionals).toEqual([]);
  });

  it("writes a name once", () => {
    const message = answerTo(query(NAME));
    expect(message).toHaveLength(query(NAME).length + 2 + 10 + 4);
    expect(message?.readUInt16BE(query(NAME).length)).toBe(0xc000 + HEADER_BYTES);
  });

  it("gives EDNS back to those who speak it, with their size and DO bit", () => {
    const [option] = decoded(answerTo(query(NAME, "A", { udpPayloadSize: 4096, flags: 0x8000 }))).additionals;
    expect(option).toMatchObject({ type: "OPT", udpPayloadSize: 4096, flag_do: true, ednsVersion: 0, options: [] });
  });

  it("is BADVERS to a version of EDNS that does not exist", () => {
    const answer = decoded(answerTo(query(NAME, "A", { ednsVersion: 1 })));
    expect(answer.answers).toEqual([]);
    expect(answer.additionals).toMatchObject([{ type: "OPT", extendedRcode: 1, ednsVersion: 0 }]);
  });
});

describe("truncation", () => {
  const sizes = [
    { edns: undefined, bytesMax: 512 },
    { edns: { udpPayloadSize: 100 }, bytesMax: 512 },
    { edns: { udpPayloadSize: 600 }, bytesMax: 600 },
  ];

  it.each(sizes)("keeps an answer over UDP within $bytesMax bytes, and says so", ({ edns, bytesMax }) => {
    const message = answerTo(query(MANY, "A", edns));
    const answer = decoded(message);
    expect(message?.length).toBeLessThanOrEqual(bytesMax);
    expect(message?.length).toBeGreaterThan(bytesMax - 16);
    expect(answer.flags & TC).toBe(TC);
    expect(answer.additionals).toHaveLength(edns === undefined ? 0 : 1);
  });

  it("is not needed where the client has room", () => {
    const answer = decoded(answerTo(query(MANY, "A", { udpPayloadSize: 1232 })));
    expect(answer.flags & TC).toBe(0);
    expect(answer.answers).toHaveLength(ENDPOINTS);
  });

  it("is not needed over TCP", () => {
    const answer = decoded(answerTo(query(MANY, "SRV"), "tcp"));
    expect(answer.flags & TC).toBe(0);
    expect(answer.answers).toHaveLength(ENDPOINTS);
    expect(answer.additionals).toHaveLength(ENDPOINTS);
  });

  it("is told also when only additional records are left out", () => {
    const [answers, all] = [2400, 65000].map((udpPayloadSize) =>
      decoded(answerTo(query(MANY, "SRV", { udpPayloadSize }))),
    );
    expect(all?.flags).toBe(AA | RD);
    expect(answers?.flags).toBe(AA | RD | TC);
  });
});

describe("a query that is not answered as asked", () => {
  const rows = [
    { fact: "two questions are a format error", message: changed(5, 2), code: CODES.FORMERR },
    { fact: "no question is a format error", message: changed(5, 0), code: CODES.FORMERR },
    { fact: "a record that is announced and missing is a format error", message: changed(11, 1), code: CODES.FORMERR },
    { fact: "many records in a query are a format error", message: changed(10, 1, 0), code: CODES.FORMERR },
    { fact: "a label beyond the end is a format error", message: changed(HEADER_BYTES, 60), code: CODES.FORMERR },
    { fact: "a pointer as name is a format error", message: changed(HEADER_BYTES, 0xc0, 0), code: CODES.FORMERR },
    { fact: "a question cut short is a format error", message: query(NAME).subarray(0, -1), code: CODES.FORMERR },
    { fact: "an operation other than a query is not implemented", message: changed(2, 4 << 3), code: CODES.NOTIMP },
    { fact: "a class other than IN is refused", message: changed(query(NAME).length - 1, 3), code: CODES.REFUSED },
    { fact: "another zone is refused", message: query("example.com"), code: CODES.REFUSED },
  ];

  it.each(rows)("$fact", ({ message, code }) => {
    const answer = answerTo(message);
    expect(answer?.readUInt16BE(0)).toBe(4711);
    expect((answer?.readUInt16BE(2) ?? 0) & CODE).toBe(code);
    expect((answer?.readUInt16BE(2) ?? 0) & AA).toBe(0);
  });

  it("an answer is not answered", () => {
    expect(answerTo(changed(2, 0x80))).toBeUndefined();
  });

  it("less than a header is not answered", () => {
    for (let bytes = 0; bytes < HEADER_BYTES; bytes++) expect(answerTo(query(NAME).subarray(0, bytes))).toBeUndefined();
  });

  it("a dot within a label is no border", () => {
    const dotted = query("web-default.svc.cluster.local");
    dotted[HEADER_BYTES + 4] = ".".charCodeAt(0);
    const answer = answerTo(dotted);
    expect((answer?.readUInt16BE(2) ?? 0) & CODE).toBe(CODES.NXDOMAIN);
    expect(answer?.subarray(HEADER_BYTES, dotted.length)).toEqual(dotted.subarray(HEADER_BYTES));
  });
});

describe("a backslash", () => {
  it("at the end of a label escapes nothing: the answer's names are whole", () => {
    const escaped = query("web-default.svc.cluster.local");
    escaped[HEADER_BYTES + "web-default".length] = "\\".charCodeAt(0);
    const answer = answerTo(escaped);
    expect(decoded(answer).authorities?.map(({ name }) => name)).toEqual(["cluster.local"]);
    expect(answer?.subarray(HEADER_BYTES, escaped.length)).toEqual(escaped.subarray(HEADER_BYTES));
  });
});

describe("no bytes break the server", () => {
  const transport = fc.constantFrom<Transport>("udp", "tcp");
  const isWellFormed = (answer: Buffer | undefined) => {
    if (answer === undefined) return;
    expect(decode(answer).type).toBe("response");
    expect(answer.length).toBeLessThanOrEqual(65535);
  };

  it("random ones", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), transport, (bytes, over) => isWellFormed(answerTo(bytes, over))),
    );
  });

  it("queries with some bytes changed", () => {
    const base = fc.constantFrom(query(NAME), query(MANY, "SRV"), query(MANY, "A", {}));
    const change = fc.tuple(fc.nat(80), fc.nat(255));
    const property = fc.property(
      base,
      fc.array(change, { maxLength: 6 }),
      fc.nat(90),
      transport,
      (bytes, edits, cut, over) => {
        const message = Buffer.from(bytes);
        for (const [at, value] of edits) if (at < message.length) message[at] = value;
        isWellFormed(answerTo(cut > message.length ? message : message.subarray(0, cut), over));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it("names of any labels", () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    const property = fc.property(fc.array(label, { maxLength: 5 }), fc.nat(0xffff), (labels, type) => {
      const name = labels.flatMap((bytes) => [bytes.length, ...bytes]);
      const message = Buffer.from([...query("").subarray(0, HEADER_BYTES), ...name, 0, type >> 8, type & 0xff, 0, 1]);
      isWellFormed(answerTo(message));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
