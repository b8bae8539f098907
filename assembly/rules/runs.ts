/**
 * Runs of instructions that most rules begin with, carried out at once (RUN_* of layout/instructions.ts): a load with the
 * comparison of what it loads, and the loads of a key. They leave the registers as their instructions would.
 */

import * as Connection from "../layout/connection";
import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { stateBits } from "./load-connection";
import { metaOf } from "./load-meta";
import { registerOf } from "./registers";

/** Above the address of the next instruction stands how many were carried out besides the first. */
export const RUN_MORE_SHIFT: u64 = 32;
const ONE_MORE: u64 = 1 << 32;
const TWO_MORE: u64 = 2 << 32;

/** There is no such word in the packet. */
const NOTHING: u64 = u64.MAX_VALUE;

export function carryOutRun(packet: Packet, program: usize, at: usize, operation: u32): u64 {
  if (operation >= Instructions.RUN_KEY) {
    return operation >= Instructions.RUN_TUPLE ? loadTuple(packet, program, at) : loadKey(packet, program, at);
  }
  const word = wordOf(packet, at, operation & Instructions.RUN_FIRST);
  if (word == NOTHING) return program + load<u32>(at, Instructions.FAIL);
  return test(program, at, <u32>word, operation >= Instructions.RUN_MASKED);
}

/** Compares a word that has been loaded, and masked if `isMasked`. */
function test(program: usize, at: usize, word: u32, isMasked: bool): u64 {
  let comparison = at + Instructions.INSTRUCTION_SIZE;
  let more = ONE_MORE;
  if (isMasked) {
    word = (word & load<u32>(comparison, Instructions.X)) ^ load<u32>(comparison, Instructions.Y);
    comparison += Instructions.INSTRUCTION_SIZE;
    more += ONE_MORE;
  }
  store<u32>(registerOf(at), word);
  const wanted = load<u8>(comparison, Instructions.OPTIONS) == Instructions.COMPARE_EQUAL;
  if ((word == load<u32>(comparison, Instructions.X)) == wanted) return more | (comparison + Instructions.INSTRUCTION_SIZE);
  return isMasked ? more | (program + load<u32>(comparison, Instructions.FAIL)) : testOn(program, at, word, wanted);
}

/**
 * Goes on behind a test that has failed, as long as the same word is compared in the same way with another one: rule by rule
 * through a list of addresses, as iptables writes them.
 */
function testOn(program: usize, at: usize, word: u32, wanted: bool): u64 {
  const loading = load<u64>(at);
  const kind = load<u32>(at, Instructions.INSTRUCTION_SIZE);
  let more = ONE_MORE;
  let comparison = at + Instructions.INSTRUCTION_SIZE;
  while (true) {
    const next = program + load<u32>(comparison, Instructions.FAIL);
    // Forwards only: that ends it.
    if (load<u64>(next) != loading || load<u32>(next, Instructions.INSTRUCTION_SIZE) != kind || next < comparison) return more | next;
    more += TWO_MORE;
    comparison = next + Instructions.INSTRUCTION_SIZE;
    if ((word == load<u32>(comparison, Instructions.X)) == wanted) return more | (comparison + Instructions.INSTRUCTION_SIZE);
  }
}

/** Loads one word after the other, until the instruction is another, or there is no such word. */
function loadKey(packet: Packet, program: usize, at: usize): u64 {
  let more: u64 = 0;
  let operation = <u32>load<u8>(at, Instructions.OP) & Instructions.RUN_FIRST;
  while (true) {
    const word = wordOf(packet, at, operation);
    if (word == NOTHING) return more | (program + load<u32>(at, Instructions.FAIL));
    store<u32>(registerOf(at), <u32>word);
    at += Instructions.INSTRUCTION_SIZE;
    operation = load<u8>(at, Instructions.OP);
    if (operation > Instructions.OP_LOAD_CT) return more | at;
    more += ONE_MORE;
  }
}

/** Loads an address, the protocol and a port. */
function loadTuple(packet: Packet, program: usize, at: usize): u64 {
  const port = at + Instructions.INSTRUCTION_SIZE * 2;
  if (packet.fragmentOffset != 0 || packet.transport + Wire.PORTS_SIZE > packet.bytes) return loadKey(packet, program, at);
  const key = registerOf(at);
  store<u32>(key, load<u32>(packet.address + load<u32>(at, Instructions.X)));
  store<u32>(key, packet.protocol, 4);
  store<u32>(key, load<u16>(packet.address + packet.transport + load<u32>(port, Instructions.X)), 8);
  return TWO_MORE | (port + Instructions.INSTRUCTION_SIZE);
}

/** What one of the four loads puts into its register. */
function wordOf(packet: Packet, at: usize, operation: u32): u64 {
  const from = load<u32>(at, Instructions.X);
  if (operation == Instructions.OP_LOAD_NETWORK) return wordAt(packet, from, at);
  if (operation == Instructions.OP_LOAD_META) return metaOf(packet, from);
  if (operation == Instructions.OP_LOAD_TRANSPORT) return packet.fragmentOffset == 0 ? wordAt(packet, packet.transport + from, at) : NOTHING;
  return from == Keys.CT_KEY_STATE ? stateBits(packet) : statusOf(packet.connection);
}

/** One, two or four bytes of the packet. */
function wordAt(packet: Packet, offset: u32, at: usize): u64 {
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  if (offset + bytes > packet.bytes) return NOTHING;
  const address = packet.address + offset;
  if (bytes == 4) return load<u32>(address);
  return bytes == 2 ? <u32>load<u16>(address) : <u32>load<u8>(address);
}

function statusOf(connection: usize): u64 {
  return connection == 0 ? NOTHING : <u32>load<u16>(connection, Connection.STATUS) & ~Connection.STATUS_LIVE;
}
