/** TCP's transition table: direction × kind of segment × state (tcp_conntracks of nf_conntrack_proto_tcp.c). */

import * as State from "../layout/state";
import * as Wire from "../layout/wire";

const KINDS: u32 = 6;
const STATES: u32 = 10;

/** The state after a segment of a kind in a state, or TCP_MAX: invalid, or TCP_IGNORE: pass it, believe nothing of it. */
export function nextTcpState(direction: u32, kind: u32, state: u32): u32 {
  return load<u8>(transitions + (direction * KINDS + kind) * STATES + state);
}

/** Which row a segment belongs to: RST before SYN before FIN before ACK. */
export function kindOfSegment(flags: u32): u32 {
  if (flags & Wire.TCP_RST) return State.TCP_RST;
  if (flags & Wire.TCP_SYN) return flags & Wire.TCP_ACK ? State.TCP_SYNACK : State.TCP_SYN;
  if (flags & Wire.TCP_FIN) return State.TCP_FIN;
  return flags & Wire.TCP_ACK ? State.TCP_ACK : State.TCP_NO_FLAGS;
}

/** tcp_valid_flags: combinations of FIN, SYN, RST, ACK and URG that a TCP sends. PSH, ECE and CWR go with all. */
export function areTcpFlagsValid(flags: u32): bool {
  flags &= Wire.TCP_FIN | Wire.TCP_SYN | Wire.TCP_RST | Wire.TCP_ACK | Wire.TCP_URG;
  return (
    flags == Wire.TCP_ACK ||
    flags == Wire.TCP_SYN ||
    flags == (Wire.TCP_SYN | Wire.TCP_ACK) ||
    flags == (Wire.TCP_FIN | Wire.TCP_ACK) ||
    flags == Wire.TCP_RST ||
    flags == (Wire.TCP_RST | Wire.TCP_ACK) ||
    flags == (Wire.TCP_SYN | Wire.TCP_URG) ||
    flags == (Wire.TCP_ACK | Wire.TCP_URG) ||
    flags == (Wire.TCP_FIN | Wire.TCP_ACK | Wire.TCP_URG)
  );
}

const SS: u8 = 1; // SYN_SENT
const SR: u8 = 2; // SYN_RECV
const ES: u8 = 3; // ESTABLISHED
const FW: u8 = 4; // FIN_WAIT
const CW: u8 = 5; // CLOSE_WAIT
const LA: u8 = 6; // LAST_ACK
const TW: u8 = 7; // TIME_WAIT
const CL: u8 = 8; // CLOSE
const S2: u8 = 9; // SYN_SENT2
const IV: u8 = 10; // invalid
const IG: u8 = 11; // ignore

if (<u32>IV != State.TCP_MAX) ERROR("IV is not TCP_MAX");
if (<u32>IG != State.TCP_IGNORE) ERROR("IG is not TCP_IGNORE");
if (<u32>S2 != State.TCP_SYN_SENT2) ERROR("S2 is not TCP_SYN_SENT2");

// prettier-ignore
const transitions: usize = memory.data<u8>([
  // from NO  SS  SR  ES  FW  CW  LA  TW  CL  S2     ORIGINAL
          SS, SS, IG, IG, IG, IG, IG, SS, SS, S2, // SYN
          IV, IV, SR, IV, IV, IV, IV, IV, IV, SR, // SYN ACK
          IV, IV, FW, FW, LA, LA, LA, TW, CL, IV, // FIN
          ES, IV, ES, ES, CW, CW, TW, TW, CL, IV, // ACK
          IV, CL, CL, CL, CL, CL, CL, CL, CL, CL, // RST
          IV, IV, IV, IV, IV, IV, IV, IV, IV, IV, // none
  // from NO  SS  SR  ES  FW  CW  LA  TW  CL  S2     REPLY
          IV, S2, IV, IV, IV, IV, IV, SS, IV, S2, // SYN
          IV, SR, IG, IG, IG, IG, IG, IG, IG, SR, // SYN ACK
          IV, IV, FW, FW, LA, LA, LA, TW, CL, IV, // FIN
          IV, IG, SR, ES, CW, CW, TW, TW, CL, IG, // ACK
          IV, CL, CL, CL, CL, CL, CL, CL, CL, CL, // RST
          IV, IV, IV, IV, IV, IV, IV, IV, IV, IV, // none
]);
