/**
 * The lookup of mode direct: one instruction gathers what a packet's Service is found by and finds it. What the answers mean
 * is kube-proxy's nftables mode; the names of its chains are given where one stands for it.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Program from "../layout/program";
import * as Service from "../layout/service";
import * as Wire from "../layout/wire";
import { engine } from "../memory/engine";
import { copyWords } from "../memory/words";
import { Packet } from "../packet";
import { addressType } from "../route/type";
import { register } from "./registers";
import { findValue } from "./sets";

/** 127.0.0.0/8 by its first byte, and ::1 by its last eight. */
const LOOPBACK4: u32 = 127;
const LOOPBACK6: u64 = 0x0100_0000_0000_0000;

/** Where in the register file the parts of the key stand; they follow each other. */
let destination: usize = 0;
let protocol: usize = 0;

/** Carries out SERVICE: the address of a verdict as a value; 0: the rule does not match. */
export function findService(packet: Packet, at: usize): usize {
  const form = offsetIn(at + Instructions.X);
  const question: u32 = load<u8>(at, Instructions.OPTIONS);
  const hasPort = loadKey(packet);
  if (question == Service.SERVICE_DESTINATION) return hasPort ? destinationOf(packet, form) : notFound();
  if (question == Service.SERVICE_REFUSAL) return refusalOf(form, hasPort);
  return sourceOf(packet, form, hasPort);
}

/** "services": the Service whose address this is, else the one whose node port. */
function destinationOf(packet: Packet, form: usize): usize {
  const address = findValue(offsetIn(form + Service.DESTINATION_ADDRESSES), destination);
  if (address != 0) return answer(Service.ANSWER_ADDRESS, address);
  const nodePort = findValue(offsetIn(form + Service.DESTINATION_NODE_PORTS), protocol);
  return nodePort != 0 && servesNodePorts(packet, form) ? answer(Service.ANSWER_NODE_PORT, nodePort) : notFound();
}

function servesNodePorts(packet: Packet, form: usize): bool {
  if (load<u32>(form, Service.DESTINATION_NODE_ADDRESSES) != 0) {
    return findValue(offsetIn(form + Service.DESTINATION_NODE_ADDRESSES), destination) != 0;
  }
  return !isLoopback(packet.family) && addressType(packet.family, destination) == Program.ROUTE_LOCAL;
}

/** "service-endpoints-check", then "cluster-ips-check". */
function refusalOf(form: usize, hasPort: bool): usize {
  const nowhere = hasPort ? findValue(offsetIn(form + Service.REFUSAL_NOWHERE), destination) : 0;
  if (nowhere != 0) return answer(Service.ANSWER_NOWHERE, nowhere);
  if (findValue(offsetIn(form + Service.REFUSAL_CLUSTER_IPS), destination) != 0) {
    return answer(Service.ANSWER_OTHER_PORT, form + Service.REFUSAL_OTHER_PORT);
  }
  if (load<u32>(form, Service.REFUSAL_CIDRS) == 0) return notFound();
  const isNobody = findValue(offsetIn(form + Service.REFUSAL_CIDRS), destination) != 0;
  return isNobody ? answer(Service.ANSWER_NOBODY, form + Service.REFUSAL_NOBODY) : notFound();
}

/** "masquerading": the packet is marked, and the mark is taken off; or an endpoint is its own client. */
function sourceOf(packet: Packet, form: usize, hasPort: bool): usize {
  const mark = load<u32>(form, Service.SOURCE_MARK);
  if ((packet.mark & mark) != 0) {
    packet.mark ^= mark;
    return answer(Service.ANSWER_MARK, form + Service.SOURCE_VERDICT);
  }
  if (!hasPort || !isToItself(packet.family) || !isTranslated(packet.connection)) return notFound();
  const isHairpin = findValue(offsetIn(form + Service.SOURCE_HAIRPINS), register(Service.SERVICE_REGISTER)) != 0;
  return isHairpin ? answer(Service.ANSWER_HAIRPIN, form + Service.SOURCE_VERDICT) : notFound();
}

/** The verdict, and for traces what it is the answer to. */
function answer(what: u32, verdict: usize): usize {
  store<u32>(register(Service.ANSWER_REGISTER), what);
  return verdict;
}

function notFound(): usize {
  return answer(Service.ANSWER_NONE, 0);
}

/** Source, destination, protocol and port → registers. False: there is no port. */
function loadKey(packet: Packet): bool {
  const isIp4 = packet.family == 4;
  const bytes: usize = isIp4 ? 4 : 16;
  const key = register(Service.SERVICE_REGISTER);
  // The destination stands behind the source in the header, too.
  if (isIp4) store<u64>(key, load<u64>(packet.address, Wire.IP4_SRC));
  else copyWords(key, packet.address + Wire.IP6_SRC, bytes * 2);
  destination = key + bytes;
  protocol = destination + bytes;
  store<u32>(protocol, packet.protocol);
  const port = packet.transport + Wire.DST_PORT;
  if (packet.fragmentOffset != 0 || port + 2 > packet.bytes) return false;
  store<u32>(protocol, load<u16>(packet.address + port), 4);
  return true;
}

function isToItself(family: u32): bool {
  const source = register(Service.SERVICE_REGISTER);
  if (family == 4) return load<u32>(source) == load<u32>(destination);
  return load<u64>(source) == load<u64>(destination) && load<u64>(source, 8) == load<u64>(destination, 8);
}

function isTranslated(connection: usize): bool {
  return connection != 0 && (<u32>load<u16>(connection, Connection.STATUS) & Connection.STATUS_DST_NAT) != 0;
}

function isLoopback(family: u32): bool {
  if (family == 4) return <u32>load<u8>(destination) == LOOPBACK4;
  return load<u64>(destination) == 0 && load<u64>(destination, 8) == LOOPBACK6;
}

/** The address that stands as an offset of the program in this word. */
function offsetIn(word: usize): usize {
  return <usize>load<u32>(engine, Engine.PROGRAM) + load<u32>(word);
}
