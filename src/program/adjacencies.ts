/** Ways out: one per neighbour with a known link address, and one per interface for all others. */

import * as Layout from "../../assembly/layout/program.ts";
import { parseAddress } from "../network/address.ts";
import type { NetworkInterface, NodeNetwork } from "../network/types.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { hashKey } from "./hash.ts";
import { encodeBytes } from "./values.ts";

export interface Adjacency {
  readonly interface: number;
  readonly flags: number;
  readonly mtu: number;
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
}

/** All adjacencies: those of the interfaces come first, at the interfaces' own indices. */
export interface Adjacencies {
  readonly list: readonly Adjacency[];
  /** To everybody on an interface's link, by the interface's index. */
  readonly broadcasts: readonly number[];
  /** Neighbours by family: address and interface → adjacency. */
  readonly neighbours4: readonly NeighbourEntry[];
  readonly neighbours6: readonly NeighbourEntry[];
}

export interface NeighbourEntry {
  readonly address: Uint8Array;
  readonly interface: number;
  readonly adjacency: number;
}

const MAC_BYTES = 6;
const IP4_BYTES = 4;
const BROADCAST = new Uint8Array(MAC_BYTES).fill(0xff);

/** Interfaces on which link addresses have no meaning: tunnels without them, and the loopback, where all are zero. */
export function needsNoNeighbour(device: NetworkInterface): boolean {
  return device.loopback || device.linkType !== "ether";
}

export function adjacenciesOf(network: NodeNetwork): Adjacencies {
  const list: Adjacency[] = network.interfaces.map((device, index) => ofInterface(network, device, index));
  const broadcasts = network.interfaces.map(
    (device, index) => list.push(resolved(network, device, index, BROADCAST)) - 1,
  );
  const indices = new Map(network.interfaces.map(({ name }, index) => [name, index]));
  const known = new Map<string, number>();
  const entries: NeighbourEntry[] = [];
  for (const { address, interface: name, mac } of network.neighbours) {
    const index = indices.get(name);
    const bytes = parseAddress(address);
    const device = index === undefined ? undefined : network.interfaces[index];
    if (index === undefined || bytes === undefined || device === undefined) continue;
    const key = `${index} ${mac}`;
    let adjacency = known.get(key);
    if (adjacency === undefined) {
      adjacency = list.push(resolved(network, device, index, parseMac(mac))) - 1;
      known.set(key, adjacency);
    }
    entries.push({ address: bytes, interface: index, adjacency });
  }
  const ofFamily = (isIp4: boolean) => entries.filter(({ address }) => (address.length === IP4_BYTES) === isIp4);
  return { list, broadcasts, neighbours4: ofFamily(true), neighbours6: ofFamily(false) };
}

/** A hash table of neighbours as the engine looks them up: address, interface → adjacency. */
export function encodeNeighbours(entries: readonly NeighbourEntry[], addressBytes: number): EncodedSet {
  const keyWords = addressBytes / 4 + 1;
  const strideWords = keyWords + 2;
  const slots = 2 ** (32 - Math.clz32(entries.length * 2));
  const table = new Uint32Array(slots * strideWords);
  const key = new Uint32Array(keyWords);
  for (const { address, interface: index, adjacency } of entries) {
    encodeBytes(address, key, 0);
    key[keyWords - 1] = index;
    const hash = hashKey(key, 0, keyWords);
    let slot = hash & (slots - 1);
    while (table[slot * strideWords] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot * strideWords] = hash;
    table.set(key, slot * strideWords + 1);
    table[slot * strideWords + 1 + keyWords] = adjacency;
  }
  const count = entries.length;
  return { kind: Layout.SET_HASH, keyWords, valueWords: 1, count, mask: slots - 1, strideWords, table, references: [] };
}

export function parseMac(mac: string | undefined): Uint8Array {
  const bytes = new Uint8Array(MAC_BYTES);
  if (mac !== undefined) bytes.set(mac.split(":", MAC_BYTES).map((part) => Number.parseInt(part, 16)));
  return bytes;
}

function resolved(network: NodeNetwork, device: NetworkInterface, index: number, destination: Uint8Array): Adjacency {
  const adjacency = ofInterface(network, device, index);
  return { ...adjacency, flags: adjacency.flags | Layout.ADJACENCY_RESOLVED, destination };
}

function ofInterface({ linkAddresses }: NodeNetwork, device: NetworkInterface, index: number): Adjacency {
  let flags = 0;
  if (needsNoNeighbour(device)) flags |= Layout.ADJACENCY_RESOLVED;
  if (!linkAddresses) flags |= Layout.ADJACENCY_KEEP_LINK;
  const { mtu } = device;
  return { interface: index, flags, mtu, destination: new Uint8Array(MAC_BYTES), source: parseMac(device.mac) };
}
