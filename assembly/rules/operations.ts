/** One instruction: what it does, and where the rule goes from there. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as Program from "../layout/program";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { setZone } from "../conntrack/zones";
import { isTrying } from "../follow/trial";
import { engine } from "../memory/engine";
import { copyWords } from "../memory/words";
import { Packet } from "../packet";
import { add, bitwise, bitwiseBytes, compare, compareBytes, field, range, shift, swap, xor } from "./compare";
import { CONNECTIONS_MATCH, CONNECTIONS_NO_MATCH, CONNECTIONS_NO_ROOM, checkConnections } from "./connections";
import { addDynamic, deleteDynamic } from "./dynamic";
import { sendToEndpoint } from "./endpoint";
import { hash } from "./jhash";
import { loadConstant, loadLink, loadNetwork, loadNumber, loadRoute, loadTransport, loadValue } from "./load";
import { loadConnection, loadCount, loadTuple } from "./load-connection";
import { loadMeta } from "./load-meta";
import { loadExtension, loadIpOption, loadOption } from "./load-option";
import { loadRouteKey } from "./load-route";
import { limit, quota, stateOf } from "./limit";
import { RECENT_MATCH, RECENT_NO_ROOM, checkRecent } from "./recent";
import { register, registerOf } from "./registers";
import { search } from "./search";
import { findService } from "./service";
import { findValue, hasElement } from "./sets";
import { succeeds } from "./statistic";
import { storeBits, storeBytes } from "./store";
import { clearOption, storeOption } from "./store-option";
import { isMonthDay } from "./time";
import { translate } from "./translate";
import { testWords } from "./words";

/** What an instruction says if it gives no verdict (OP_ACCEPT … OP_CHAIN_END, or OP_REJECT): nothing larger than MATCH, or LOST. */
export const NO_MATCH: u32 = 0;
export const MATCH: u32 = 1;
/** The packet is lost, and packet.reason says why. */
export const LOST: u32 = 2;

/** In a verdict as a value the chain stands behind the operation. */
const VALUE_CHAIN: usize = 4;

let target: u32 = 0;

/** The chain to which the last JUMP or GOTO leads. */
export function verdictTarget(): u32 {
  return target;
}

/**
 * Carries out the instruction: MATCH, NO_MATCH, LOST, or the verdict. What stands here instead of in the switch is what
 * most rules have most of: this much is inlined into the loop over a chain's instructions, and spares it a call.
 */
export function execute(packet: Packet, at: usize, operation: u32): u32 {
  if (operation == Instructions.OP_CHAIN_END) return operation;
  if (operation == Instructions.OP_JUMP) {
    target = load<u32>(at, Instructions.X);
    return operation;
  }
  if (operation == Instructions.OP_BITWISE) return u32(bitwise(at));
  if (operation == Instructions.OP_COMPARE) return u32(compare(at));
  return dispatch(packet, at, operation);
}

function dispatch(packet: Packet, at: usize, operation: u32): u32 {
  switch (operation) {
    case Instructions.OP_LOAD_NETWORK: return u32(loadNetwork(packet, at));
    case Instructions.OP_LOAD_TRANSPORT: return u32(loadTransport(packet, at));
    case Instructions.OP_LOAD_META: return u32(loadMeta(packet, at));
    case Instructions.OP_LOAD_CT: return u32(loadConnection(packet, at));
    case Instructions.OP_LOAD_FIB: return u32(loadRoute(packet, at));
    case Instructions.OP_LOAD_NUMBER: return u32(loadNumber(at));
    case Instructions.OP_LOAD_VALUE: return u32(loadValue(at));
    case Instructions.OP_LOAD_BYTES: return u32(loadConstant(at));
    case Instructions.OP_BITWISE_BYTES: return u32(bitwiseBytes(at));
    case Instructions.OP_SWAP: return u32(swap(at));
    case Instructions.OP_COMPARE_BYTES: return u32(compareBytes(at));
    case Instructions.OP_RANGE: return u32(range(at));
    case Instructions.OP_LOOKUP: return u32(lookup(at));
    case Instructions.OP_MAP: return u32(map(at));
    case Instructions.OP_UPDATE_SET: return u32(updateSet(at));
    case Instructions.OP_STATISTIC: return u32(succeeds(at));
    case Instructions.OP_FIELD: return u32(field(at));
    case Instructions.OP_SHIFT: return u32(shift(at));
    case Instructions.OP_LOAD_LINK: return u32(loadLink(packet, at));
    case Instructions.OP_LOAD_EXTENSION: return u32(loadExtension(packet, at));
    case Instructions.OP_LOAD_OPTION: return u32(loadOption(packet, at));
    case Instructions.OP_LOAD_IP_OPTION: return u32(loadIpOption(packet, at));
    case Instructions.OP_LOAD_ROUTE: return u32(loadRouteKey(packet, at));
    case Instructions.OP_HASH: return u32(hash(at));
    case Instructions.OP_LOAD_CT_TUPLE: return u32(loadTuple(packet, at));
    case Instructions.OP_LOAD_CT_COUNT: return u32(loadCount(packet, at));
    case Instructions.OP_XOR: return u32(xor(at));
    case Instructions.OP_ADD: return u32(add(at));
    case Instructions.OP_VERDICT_MAP: return verdictOf(findValue(setOf(at), registerOf(at)));
    case Instructions.OP_SERVICE: return verdictOf(findService(packet, at));
    case Instructions.OP_NEVER: return NO_MATCH;
    default: return conclude(packet, at, operation);
  }
}

/** Verdicts that are no map's, and what has effects beyond the registers. */
function conclude(packet: Packet, at: usize, operation: u32): u32 {
  switch (operation) {
    case Instructions.OP_GOTO: {
      target = load<u32>(at, Instructions.X);
      return operation;
    }
    case Instructions.OP_STORE_BYTES: return u32(storeBytes(packet, at));
    case Instructions.OP_STORE_BITS: return u32(storeBits(packet, at));
    case Instructions.OP_STORE_OPTION: return u32(storeOption(packet, at));
    case Instructions.OP_CLEAR_OPTION: return u32(clearOption(packet, at));
    case Instructions.OP_LIMIT: return u32(limit(packet, at));
    case Instructions.OP_QUOTA: return u32(quota(packet, at));
    case Instructions.OP_STORE_META: return u32(storeMark(packet, at));
    case Instructions.OP_STORE_CT: return u32(storeConnection(packet, at));
    case Instructions.OP_COUNTER: return u32(countPacket(packet, at));
    case Instructions.OP_NOTRACK: return u32(notrack(packet));
    case Instructions.OP_RECENT: return recent(packet, at);
    case Instructions.OP_CONNECTIONS: return connections(packet, at);
    case Instructions.OP_SEARCH: return u32(search(packet, at));
    case Instructions.OP_WORDS: return u32(testWords(packet, at));
    case Instructions.OP_MONTH_DAY: return u32(isMonthDay(packet, at));
    case Instructions.OP_SNAT:
    case Instructions.OP_DNAT:
    case Instructions.OP_MASQUERADE:
    case Instructions.OP_REDIRECT:
    case Instructions.OP_ENDPOINT: {
      const isEndpoint = operation == Instructions.OP_ENDPOINT;
      const reason = isEndpoint ? sendToEndpoint(packet, at) : translate(packet, at, operation);
      if (reason == Verdict.REASON_NONE) return Instructions.OP_ACCEPT;
      packet.reason = reason;
      return LOST;
    }
    default: return operation;
  }
}

function setOf(at: usize): usize {
  return load<u32>(engine, Engine.PROGRAM) + load<u32>(at, Instructions.X);
}

function lookup(at: usize): bool {
  return hasElement(setOf(at), registerOf(at)) != (load<u8>(at, Instructions.OPTIONS) != 0);
}

function map(at: usize): bool {
  const set = setOf(at);
  const value = findValue(set, registerOf(at));
  if (value == 0) return false;
  copyWords(register(load<u32>(at, Instructions.Y)), value, load<u8>(set, Program.SET_VALUE_BYTES));
  return true;
}

/** Without an element the rule does not match (nft_lookup_eval); with the verdict continue it goes on. */
function verdictOf(value: usize): u32 {
  if (value == 0) return NO_MATCH;
  target = load<u32>(value, VALUE_CHAIN);
  const verdict = load<u32>(value);
  return verdict == Instructions.OP_CONTINUE ? MATCH : verdict;
}

function updateSet(at: usize): bool {
  if (isTrying()) return true;
  const set = setOf(at);
  const operation: u32 = load<u8>(at, Instructions.OPTIONS);
  if (operation != Instructions.UPDATE_DELETE) {
    return addDynamic(set, registerOf(at), load<u32>(at, Instructions.Y), operation == Instructions.UPDATE_REFRESH);
  }
  deleteDynamic(set, registerOf(at));
  return true;
}

/** A packet whose address finds no memory is dropped (recent_mt: hotdrop). */
function recent(packet: Packet, at: usize): u32 {
  const answer = checkRecent(packet, at);
  if (answer != RECENT_NO_ROOM) return answer == RECENT_MATCH ? MATCH : NO_MATCH;
  packet.reason = Verdict.REASON_TABLE_FULL;
  return LOST;
}

/** What cannot be counted is dropped (nft_connlimit_do_eval, connlimit_mt). */
function connections(packet: Packet, at: usize): u32 {
  const answer = checkConnections(packet, at);
  if (answer == CONNECTIONS_MATCH) return MATCH;
  if (answer == CONNECTIONS_NO_MATCH) return NO_MATCH;
  packet.reason = answer == CONNECTIONS_NO_ROOM ? Verdict.REASON_TABLE_FULL : Verdict.REASON_RULE_DROP;
  return LOST;
}

function storeMark(packet: Packet, at: usize): bool {
  packet.mark = load<u32>(registerOf(at));
  return true;
}

/** A zone is the packet's, until conntrack has seen it (nft_ct_set_zone_eval). */
function storeConnection(packet: Packet, at: usize): bool {
  const value = load<u32>(registerOf(at));
  if (load<u32>(at, Instructions.X) == Keys.CT_KEY_ZONE) {
    setZone(packet, value, load<u32>(at, Instructions.Y));
    return true;
  }
  if (packet.connection != 0 && !isTrying()) store<u32>(packet.connection, value, Connection.MARK);
  return true;
}

function countPacket(packet: Packet, at: usize): bool {
  if (isTrying()) return true;
  const isAtRegister = (<u32>load<u8>(at, Instructions.OPTIONS) & Instructions.STATE_AT_REGISTER) != 0;
  const counter = isAtRegister ? <usize>load<u32>(engine, Engine.PROGRAM) + load<u32>(registerOf(at)) : stateOf(at);
  store<u64>(counter, load<u64>(counter) + 1);
  store<u64>(counter, load<u64>(counter, 8) + packet.bytes, 8);
  return true;
}

/** What conntrack has seen stays tracked (nft_notrack_eval). */
function notrack(packet: Packet): bool {
  if (packet.ct == State.CT_NONE) packet.ct = State.CT_UNTRACKED;
  return true;
}
