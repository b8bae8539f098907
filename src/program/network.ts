/** The node's network → interfaces, adjacencies, neighbours, routes and sockets of the image. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/program.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { parseAddress } from "../network/address.ts";
import type { NetworkInterface, NodeNetwork } from "../network/types.ts";
import { type Adjacencies, adjacenciesOf, encodeNeighbours, needsNoNeighbour, parseMac } from "./adjacencies.ts";
import { type EncodedSet, writeSet } from "./encoded-set.ts";
import { hashKey } from "./hash.ts";
import { writeRoutes } from "./routes.ts";
import { inOrder, SHORT } from "./values.ts";
import type { ImageWriter } from "./writer.ts";

const ADDRESS4_BYTES = 4;
const ADDRESS6_BYTES = 16;

/** Appends everything about the network and puts its offsets into the header. */
export function writeNetwork(writer: ImageWriter, network: NodeNetwork): void {
  const adjacencies = adjacenciesOf(network);
  writeInterfaces(writer, network);
  writeAdjacencies(writer, adjacencies);
  writeTable(writer, Layout.NEIGHBOURS4, encodeNeighbours(adjacencies.neighbours4, ADDRESS4_BYTES));
  writeTable(writer, Layout.NEIGHBOURS6, encodeNeighbours(adjacencies.neighbours6, ADDRESS6_BYTES));
  writeTable(writer, Layout.SOCKETS, encodeSockets(network));
  writeRoutes(writer, network, adjacencies, ADDRESS4_BYTES);
  writeRoutes(writer, network, adjacencies, ADDRESS6_BYTES);
}

/** PROGRAM_* bits that the network decides. */
export function networkFlags({ kind, linkAddresses, sysctls }: NodeNetwork): number {
  const forwards4 = isSet(sysctls, "net.ipv4.ip_forward") || isSet(sysctls, "net.ipv4.conf.all.forwarding");
  return (
    (kind === "wire" ? Layout.PROGRAM_WIRE : 0) |
    (forwards4 ? Layout.PROGRAM_FORWARD4 : 0) |
    (isSet(sysctls, "net.ipv6.conf.all.forwarding") ? Layout.PROGRAM_FORWARD6 : 0) |
    (linkAddresses ? Layout.PROGRAM_LINK_ADDRESSES : 0)
  );
}

function writeInterfaces(writer: ImageWriter, network: NodeNetwork): void {
  writer.align(8);
  const start = writer.reserve(network.interfaces.length * Layout.INTERFACE_SIZE);
  writer.setOffset(Layout.INTERFACES, start);
  writer.set32(Layout.INTERFACE_COUNT, network.interfaces.length);
  network.interfaces.forEach((device, index) => {
    const at = start + index * Layout.INTERFACE_SIZE;
    const master = network.interfaces.findIndex(({ name }) => name === device.master);
    writer.set32(at + Layout.INTERFACE_FLAGS, interfaceFlags(device, network));
    writer.set32(at + Layout.INTERFACE_MTU, device.mtu);
    writer.set32(at + Layout.INTERFACE_INDEX, device.index);
    writer.set16(
      at + Layout.INTERFACE_LINK_TYPE,
      hasLinkHeader(device) ? Protocol.LINKTYPE_ETHERNET : Protocol.LINKTYPE_RAW,
    );
    writer.set16(at + Layout.INTERFACE_ADJACENCY, index);
    writer.setBytes(at + Layout.INTERFACE_MAC, parseMac(device.mac));
    writer.set16(at + Layout.INTERFACE_MASTER, master < 0 ? Descriptor.NO_INTERFACE : master);
    writeAddresses(writer, at, device);
  });
}

function writeAddresses(writer: ImageWriter, at: number, { addresses }: NetworkInterface): void {
  const first4 = addresses.find(({ address, secondary }) => !address.includes(":") && !secondary);
  const first6 = addresses.find(({ address, scope }) => address.includes(":") && scope === "global");
  const bytes4 = first4 && parseAddress(first4.address);
  const bytes6 = first6 && parseAddress(first6.address);
  if (bytes4 !== undefined) writer.setBytes(at + Layout.INTERFACE_ADDRESS4, bytes4);
  if (bytes6 !== undefined) writer.setBytes(at + Layout.INTERFACE_ADDRESS6, bytes6);
}

function interfaceFlags(device: NetworkInterface, { sysctls }: NodeNetwork): number {
  return (
    (device.loopback ? Layout.INTERFACE_LOOPBACK : 0) |
    (device.mac !== undefined ? Layout.INTERFACE_HAS_MAC : 0) |
    (isSetFor(device, sysctls, "route_localnet", false) ? Layout.INTERFACE_ROUTE_LOCALNET : 0) |
    (isSetFor(device, sysctls, "send_redirects", true) ? Layout.INTERFACE_SEND_REDIRECTS : 0) |
    (needsNoNeighbour(device) && !device.loopback ? Layout.INTERFACE_NO_ARP : 0)
  );
}

function hasLinkHeader({ linkType, loopback }: NetworkInterface): boolean {
  return linkType === "ether" || loopback;
}

/** An interface's setting of the IPv4 stack, or that of all; what is not told is what new interfaces have. */
function isSetFor(
  { name }: NetworkInterface,
  sysctls: NodeNetwork["sysctls"],
  setting: string,
  kernelDefault: boolean,
): boolean {
  const all = sysctls[`net.ipv4.conf.all.${setting}`];
  const own = sysctls[`net.ipv4.conf.${name}.${setting}`] ?? sysctls[`net.ipv4.conf.default.${setting}`];
  if (all === undefined && own === undefined) return kernelDefault;
  return (all ?? "0") !== "0" || (own ?? "0") !== "0";
}

function isSet(sysctls: NodeNetwork["sysctls"], name: string): boolean {
  return (sysctls[name] ?? "0") !== "0";
}

function writeAdjacencies(writer: ImageWriter, { list }: Adjacencies): void {
  writer.align(8);
  const start = writer.reserve(list.length * Layout.ADJACENCY_SIZE);
  writer.setOffset(Layout.ADJACENCIES, start);
  writer.set32(Layout.ADJACENCY_COUNT, list.length);
  list.forEach((adjacency, index) => {
    const at = start + index * Layout.ADJACENCY_SIZE;
    writer.set16(at + Layout.ADJACENCY_INTERFACE, adjacency.interface);
    writer.set16(at + Layout.ADJACENCY_FLAGS, adjacency.flags);
    writer.set32(at + Layout.ADJACENCY_MTU, adjacency.mtu);
    writer.setBytes(at + Layout.ADJACENCY_DST_MAC, adjacency.destination);
    writer.setBytes(at + Layout.ADJACENCY_SRC_MAC, adjacency.source);
  });
}

/** Ports that something listens on. What listens on a loopback address only, no packet from outside reaches. */
function encodeSockets({ sockets }: NodeNetwork): EncodedSet {
  const reachable = sockets.filter(({ address }) => !address.startsWith("127.") && address !== "::1");
  const slots = 2 ** (32 - Math.clz32(reachable.length * 2));
  const strideWords = 3;
  const table = new Uint32Array(slots * strideWords);
  const key = new Uint32Array(2);
  let count = 0;
  for (const { protocol, port } of reachable) {
    key.set([protocol === "tcp" ? Protocol.TCP : Protocol.UDP, inOrder(port, SHORT)]);
    const hash = hashKey(key, 0, key.length);
    let at = (hash & (slots - 1)) * strideWords;
    while (table[at] !== 0 && !(table[at + 1] === key[0] && table[at + 2] === key[1]))
      at = (at + strideWords) % table.length;
    if (table[at] !== 0) continue;
    table.set([hash, ...key], at);
    count++;
  }
  return {
    kind: Layout.SET_HASH,
    keyWords: 2,
    valueWords: 0,
    count,
    mask: slots - 1,
    strideWords,
    table,
    references: [],
  };
}

/** A set at which a field of the header points. */
function writeTable(writer: ImageWriter, field: number, set: EncodedSet): void {
  const label = writer.newLabel();
  writeSet(writer, label, set);
  writer.refer(field, label);
}
