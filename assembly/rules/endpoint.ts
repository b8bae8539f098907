/** The choice of mode direct: one instruction takes one of a Service's endpoints and sends the connection there. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Service from "../layout/service";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { isTrying, noteTarget } from "../follow/trial";
import { engine } from "../memory/engine";
import { copyWords } from "../memory/words";
import { NAT_DST, natRange } from "../nat/range";
import { setupNat } from "../nat/setup";
import { Packet } from "../packet";
import { isTracing } from "../trace/buffer";
import { addDynamic, hasDynamic } from "./dynamic";
import { hashKey } from "./hash";
import { drawNumber } from "./load";
import { register } from "./registers";

/** Two addresses, the ports, the protocol. */
const tuple: usize = memory.data(40, 16);

let choice: u32 = 0;

/** Carries out ENDPOINT. REASON_NONE: accepted; else why the packet is dropped. */
export function sendToEndpoint(packet: Packet, at: usize): u32 {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const count = load<u32>(at, Instructions.Y);
  const stride: u32 = load<u8>(at, Instructions.LENGTH);
  const isAffine = (<u32>load<u8>(at, Instructions.OPTIONS) & Service.ENDPOINT_AFFINE) != 0;
  const endpoints = program + load<u32>(at, Instructions.X);
  const clients = endpoints + count * stride;
  const source = packet.address + (packet.family == 4 ? Wire.IP4_SRC : Wire.IP6_SRC);
  let index = isAffine ? knownEndpoint(program, clients, count, source) : count;
  if (index == count) index = chooseEndpoint(packet, at, isAffine ? clients + (<usize>count << 2) : clients, count);
  if (isAffine && !isTrying()) addDynamic(program + load<u32>(clients + (<usize>index << 2)), source, 0, true);
  const endpoint = endpoints + index * stride;
  if (isTracing()) leaveTrace(endpoint, stride);
  if (packet.connection == 0) return Verdict.REASON_NONE;
  return bindTo(packet, endpoint, stride - 4);
}

/** The first endpoint that the client was sent to and not so long ago; `count`: none. */
function knownEndpoint(program: usize, clients: usize, count: u32, source: usize): u32 {
  choice = Service.CHOICE_AFFINITY;
  for (let index: u32 = 0; index < count; index++) {
    if (hasDynamic(program + load<u32>(clients + (<usize>index << 2)), source)) return index;
  }
  return count;
}

function chooseEndpoint(packet: Packet, at: usize, table: usize, count: u32): u32 {
  if ((<u32>load<u8>(at, Instructions.OPTIONS) & Service.ENDPOINT_MAGLEV) == 0) {
    choice = Service.CHOICE_DRAWN;
    return drawNumber(count);
  }
  choice = Service.CHOICE_HASH;
  const entry = <u32>((<u64>tupleHash(packet) * load<u32>(table, Service.MAGLEV_ENTRIES)) >> 32);
  return load<u16>(table + (<usize>entry << 1), Service.MAGLEV_TABLE);
}

/** The same for all packets of a connection, on every node and in every run. */
function tupleHash(packet: Packet): u32 {
  const isIp4 = packet.family == 4;
  const bytes: u32 = isIp4 ? 8 : 32;
  copyWords(tuple, packet.address + (isIp4 ? Wire.IP4_SRC : Wire.IP6_SRC), bytes);
  store<u32>(tuple + bytes, load<u32>(packet.address + packet.transport));
  store<u32>(tuple + bytes, packet.protocol, 4);
  return hashKey(tuple, bytes + 8, 0);
}

/** Address and port of the endpoint are all that the connection's destination can become. */
function bindTo(packet: Packet, endpoint: usize, addressBytes: u32): u32 {
  const port = load<u32>(endpoint + addressBytes);
  const range = natRange();
  range.flags = Instructions.NAT_ADDRESS | Instructions.NAT_PORT;
  range.minPort = port;
  range.maxPort = port;
  copyWords(range.minAddress, endpoint, addressBytes);
  copyWords(range.maxAddress, endpoint, addressBytes);
  if (!isTrying()) return setupNat(packet, NAT_DST, range);
  noteTarget(range.minAddress, port);
  return Verdict.REASON_NONE;
}

function leaveTrace(endpoint: usize, stride: u32): void {
  copyWords(register(Service.ENDPOINT_REGISTER), endpoint, stride);
  store<u32>(register(Service.CHOICE_REGISTER), choice);
}
