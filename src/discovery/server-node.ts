/** Cluster DNS on a UDP and a TCP port. */

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from "node:net";
import type { Transport } from "./respond.ts";

export type Respond = (message: Buffer, transport: Transport) => Buffer | undefined;

export interface DnsServer {
  readonly address: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** As CoreDNS: a connection that asks nothing for this long is closed. */
const IDLE_MILLISECONDS = 10_000;
const CONNECTIONS_MAX = 1024;
const LENGTH_BYTES = 2;

/** Rejects when an address or port is not to be had. Port 0 takes a free one. */
export async function startDnsServer(
  respond: Respond,
  address: string,
  port: number,
  idleMilliseconds: number = IDLE_MILLISECONDS,
): Promise<DnsServer> {
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    serveConnection(socket, respond, idleMilliseconds);
  });
  tcp.maxConnections = CONNECTIONS_MAX;
  tcp.listen(port, address);
  await once(tcp, "listening");
  const bound = (tcp.address() as AddressInfo).port;
  const udp = await udpSocket(respond, address, bound).catch(async (cause: unknown) => {
    await closed(tcp);
    throw cause;
  });
  return {
    address,
    port: bound,
    close: async () => {
      udp.close();
      for (const socket of connections) socket.destroy();
      await closed(tcp);
    },
  };
}

async function udpSocket(respond: Respond, address: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.bind(port, address);
  await once(socket, "listening");
  socket.on("message", (message, sender) => {
    if (sender.port === 0) return; // a datagram may come from there, none can be sent there
    const answer = respond(message, "udp");
    if (answer !== undefined) socket.send(answer, sender.port, sender.address, lost);
  });
  return socket;
}

/** An answer that cannot be sent is lost, like any datagram; the client asks again. */
function lost(): void {}

/** Each message has its length before it (RFC 1035, section 4.2.2); many may follow each other (RFC 7766). */
function serveConnection(socket: Socket, respond: Respond, idleMilliseconds: number): void {
  let waiting = Buffer.alloc(0);
  socket.setTimeout(idleMilliseconds, () => socket.destroy());
  socket.on("error", () => socket.destroy()); // the client is gone: nobody is left to be told
  socket.on("drain", () => socket.resume());
  socket.on("data", (piece: Buffer) => {
    waiting = Buffer.concat([waiting, piece]);
    const { messages, bytes } = framed(waiting);
    waiting = waiting.subarray(bytes);
    const answers = messages.flatMap((message) => respond(message, "tcp") ?? []).flatMap(withLength);
    if (answers.length > 0 && !socket.write(Buffer.concat(answers))) socket.pause();
  });
}

function framed(stream: Buffer): { readonly messages: readonly Buffer[]; readonly bytes: number } {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= stream.length) {
    const end = at + LENGTH_BYTES + stream.readUInt16BE(at);
    if (end > stream.length) break;
    messages.push(stream.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return { messages, bytes: at };
}

function withLength(message: Buffer): Buffer[] {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(message.length, 0);
  return [length, message];
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
