/** The server over loopback sockets: datagrams, connections with many queries, and dig as a client that is not ours. */

import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { decode, encode } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { respond } from "../../src/discovery/respond.ts";
import { type DnsServer, startDnsServer } from "../../src/discovery/server-node.ts";
import { DEFAULT_ZONE } from "../../src/discovery/types.ts";
import { describeTool } from "../support/tool.ts";
import { directoryFrom, service, slice } from "./cluster.ts";

const NAME = "web.default.svc.cluster.local";
const MANY = "many.default.svc.cluster.local";
const ENDPOINTS = 40;
const IDLE_MILLISECONDS = 300;

const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => `{addresses: [10.244.0.${index + 1}]}`);
const directory = directoryFrom(
  service("web", "{clusterIP: 10.96.0.1, ports: [{name: http, port: 80}]}"),
  service("many", "{clusterIP: None, ports: [{name: http, port: 80}]}"),
  slice("many", { endpoints: `[${endpoints.join(", ")}]` }),
);

let server: DnsServer;

beforeAll(async () => {
  const answer: Parameters<typeof startDnsServer>[0] = (message, over) =>
    respond(directory, DEFAULT_ZONE, message, over);
  server = await startDnsServer(answer, "127.0.0.1", 0, IDLE_MILLISECONDS);
});
afterAll(() => server.close());

function query(id: number, name = NAME): Buffer {
  return encode({ type: "query", id, questions: [{ name, type: "A" }] });
}

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The next `count` messages of a connection. */
async function receive(socket: Socket, count: number): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  let waiting = Buffer.alloc(0);
  for await (const piece of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    waiting = Buffer.concat([waiting, piece]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE()) {
      const end = 2 + waiting.readUInt16BE();
      messages.push(waiting.subarray(2, end));
      waiting = waiting.subarray(end);
    }
    if (messages.length >= count) break;
  }
  return messages;
}

describe("over UDP", () => {
  it("answers, and what is no query does not stop it", async () => {
    const client = createSocket("udp4");
    client.connect(server.port, server.address);
    await once(client, "connect");
    for (const noise of ["", "x", "\0".repeat(11), "\xff".repeat(500)]) client.send(noise);
    client.send(query(7));
    const [answer] = (await once(client, "message")) as [Buffer];
    expect(decode(answer)).toMatchObject({ id: 7, answers: [{ name: NAME, data: "10.96.0.1" }] });
    client.close();
  });
});

describe("over TCP", () => {
  it("answers many queries of one connection, in order, however they are cut into pieces", async () => {
    const client = connect(server.port, server.address);
    const stream = Buffer.concat([1, 2, 3, 4].map((id) => framed(query(id, id === 3 ? MANY : NAME))));
    client.setNoDelay(true);
    const answers = receive(client, 4);
    for (const [from, to] of [
      [0, 1],
      [1, 20],
      [20, stream.length - 3],
      [stream.length - 3, stream.length],
    ]) {
      client.write(stream.subarray(from, to));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const packets = (await answers).map((message) => decode(message));
    expect(packets.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(packets[2]?.answers).toHaveLength(ENDPOINTS);
    client.destroy();
  });

  it("answers before it ends a connection that the client has ended", async () => {
    const client = connect(server.port, server.address);
    client.end(framed(query(9)));
    const [answer] = await receive(client, 1);
    expect(decode(answer ?? Buffer.of())).toMatchObject({ id: 9 });
  });

  it("closes a connection that asks nothing", async () => {
    const client = connect(server.port, server.address);
    client.resume();
    await once(client, "close");
  });
});

describe("the server", () => {
  it("says that its port is taken", async () => {
    await expect(startDnsServer(() => undefined, server.address, server.port)).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  it("ends its connections when it is closed", async () => {
    const other = await startDnsServer(() => undefined, "127.0.0.1", 0);
    const client = connect(other.port, other.address);
    await once(client, "connect");
    await other.close();
    client.resume();
    await once(client, "close");
  });
});

describeTool("dig", "dig, another client", () => {
  async function dig(...args: readonly string[]): Promise<string> {
    const to = [`@${server.address}`, "-p", `${server.port}`, "+time=5", "+tries=1"];
    return (await promisify(execFile)("dig", [...to, ...args])).stdout;
  }

  it("finds a Service", async () => {
    const text = await dig(NAME);
    expect(text).toContain("status: NOERROR");
    expect(text).toMatch(/^web\.default\.svc\.cluster\.local\. 5 IN\tA\t10\.96\.0\.1$/m);
    expect(text).not.toMatch(/malformed|FORMERR|extra bytes/i);
  });

  it("finds names of addresses, ports and the schema", async () => {
    expect(await dig("+short", "-x", "10.96.0.1")).toBe(`${NAME}.\n`);
    expect(await dig("+short", `_http._tcp.${NAME}`, "SRV")).toBe(`0 100 80 ${NAME}.\n`);
    expect(await dig("+short", "dns-version.cluster.local", "TXT")).toBe('"1.1.0"\n');
  });

  it("asks again over TCP when the answer is truncated", async () => {
    expect(await dig("+noedns", "+ignore", MANY)).toMatch(/flags: qr aa tc rd/);
    const text = await dig("+noedns", MANY);
    expect(text).toContain("Truncated, retrying in TCP mode");
    expect(text).toContain(`ANSWER: ${ENDPOINTS},`);
  });

  it("reads a negative answer with the zone's SOA", async () => {
    const text = await dig("nothing.cluster.local");
    expect(text).toContain("status: NXDOMAIN");
    expect(text).toMatch(/^cluster\.local\.\t+5\tIN\tSOA\tns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. 1 /m);
  });

  it("falls back from a version of EDNS that does not exist", async () => {
    expect(await dig("+edns=1", "+noednsnegotiation", NAME)).toContain("status: BADVERS");
  });
});
