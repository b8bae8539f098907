/** Netlink (RFC 3549) as far as the kernel tests need it: dumps of nfnetlink subsystems, and their attributes. */

import { closeSync } from "node:fs";
import { concat } from "./bytes.ts";
import { checked, inNamespace, libc } from "./kernel-libc.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_NETFILTER = 12;
const REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER_BYTES = 16;
/** nfgenmsg: family, version, resource. */
const FAMILY_BYTES = 4;
const ATTRIBUTE_BYTES = 4;
/** The upper two bits of an attribute's type are flags. */
const ATTRIBUTE_TYPE = 0x3fff;
const BUFFER_BYTES = 65536;

/** An attribute's value by its type. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

export class NetlinkSocket {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);

  constructor(namespace: string) {
    this.#fd = inNamespace(namespace, () =>
      checked("socket", libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)),
    );
  }

  /** Everything that the subsystem's message dumps, of all families: each object's attributes. */
  dump(subsystem: number, message: number): Attributes[] {
    const type = (subsystem << 8) | message;
    const length = HEADER_BYTES + FAMILY_BYTES;
    const header = Uint8Array.of(length, 0, 0, 0, message, subsystem, REQUEST_DUMP & 255, REQUEST_DUMP >> 8);
    checked(
      `request ${type}`,
      libc().send(this.#fd, concat(header, new Uint8Array(length - header.length)), length, 0),
    );
    const objects: Attributes[] = [];
    while (this.#receive(objects));
    return objects;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Takes one datagram of messages; false: it ended the dump. */
  #receive(objects: Attributes[]): boolean {
    const bytes = checked("recv", libc().recv(this.#fd, this.#buffer, BUFFER_BYTES, 0));
    const view = new DataView(this.#buffer.buffer, 0, bytes);
    for (let at = 0; at + HEADER_BYTES <= bytes; ) {
      const length = view.getUint32(at, true);
      const type = view.getUint16(at + 4, true);
      if (type === NLMSG_DONE) return false;
      if (type === NLMSG_ERROR) throw new Error(`netlink: error ${view.getInt32(at + HEADER_BYTES, true)}`);
      objects.push(attributesOf(this.#buffer.slice(at + HEADER_BYTES + FAMILY_BYTES, at + length)));
      at += (length + 3) & ~3;
    }
    return true;
  }
}

/** The attributes in a message, or nested in another attribute. */
export function attributesOf(bytes: Uint8Array): Attributes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const attributes = new Map<number, Uint8Array>();
  for (let at = 0; at + ATTRIBUTE_BYTES <= bytes.length; ) {
    const length = view.getUint16(at, true);
    attributes.set(view.getUint16(at + 2, true) & ATTRIBUTE_TYPE, bytes.subarray(at + ATTRIBUTE_BYTES, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** A number in network order; 0 where the attribute is missing. */
export function numberIn(attributes: Attributes, type: number): number {
  return Array.from(attributes.get(type) ?? []).reduce((number, byte) => number * 256 + byte, 0);
}

/** The attributes nested in one; none where it is missing. */
export function nestedIn(attributes: Attributes, type: number): Attributes {
  return attributesOf(attributes.get(type) ?? new Uint8Array(0));
}
