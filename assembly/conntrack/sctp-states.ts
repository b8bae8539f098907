/** SCTP's transition table: direction × chunk × state (sctp_conntracks of nf_conntrack_proto_sctp.c). */

import * as State from "../layout/state";
import * as Wire from "../layout/wire";

const ROWS: u32 = 11;
const STATES: u32 = 9;
/** Result of the table that is no state. */
export const SCTP_INVALID: u32 = 9;
const NO_ROW: u8 = 0xff;

/** The state after a chunk in a state, or SCTP_INVALID. DATA, SACK and what else is not in the table change nothing. */
export function nextSctpState(direction: u32, state: u32, chunk: u32): u32 {
  if (chunk > Wire.CHUNK_SHUTDOWN_COMPLETE) return state;
  const row = load<u8>(rows + chunk);
  return row == NO_ROW ? state : load<u8>(transitions + (direction * ROWS + row) * STATES + state);
}

/** Row of each chunk type from 0 to 14. */
const rows: usize = memory.data<u8>([
  NO_ROW, // DATA
  0, // INIT
  1, // INIT ACK
  NO_ROW, // SACK
  9, // HEARTBEAT
  10, // HEARTBEAT ACK
  2, // ABORT
  3, // SHUTDOWN
  4, // SHUTDOWN ACK
  5, // ERROR
  6, // COOKIE ECHO
  7, // COOKIE ACK
  NO_ROW, // ECNE
  NO_ROW, // CWR
  8, // SHUTDOWN COMPLETE
]);

const CL: u8 = 1; // CLOSED
const CW: u8 = 2; // COOKIE_WAIT
const CE: u8 = 3; // COOKIE_ECHOED
const ES: u8 = 4; // ESTABLISHED
const SS: u8 = 5; // SHUTDOWN_SENT
const SR: u8 = 6; // SHUTDOWN_RECD
const SA: u8 = 7; // SHUTDOWN_ACK_SENT
const HS: u8 = 8; // HEARTBEAT_SENT
const IV: u8 = 9; // invalid

if (<u32>HS != State.SCTP_HEARTBEAT_SENT) ERROR("HS is not SCTP_HEARTBEAT_SENT");
if (<u32>IV != SCTP_INVALID) ERROR("IV is not SCTP_INVALID");

// prettier-ignore
const transitions: usize = memory.data<u8>([
  // from NO  CL  CW  CE  ES  SS  SR  SA  HS     ORIGINAL
          CL, CL, CW, CE, ES, CL, CL, SA, CW, // INIT
          CL, CL, CW, CE, ES, SS, SR, SA, CL, // INIT ACK
          CL, CL, CL, CL, CL, CL, CL, CL, CL, // ABORT
          CL, CL, CW, CE, SS, SS, SR, SA, CL, // SHUTDOWN
          SA, CL, CW, CE, ES, SA, SA, SA, SA, // SHUTDOWN ACK
          CL, CL, CW, CE, ES, SS, SR, SA, CL, // ERROR
          CL, CL, CE, CE, ES, SS, SR, SA, CL, // COOKIE ECHO
          CL, CL, CW, ES, ES, SS, SR, SA, CL, // COOKIE ACK
          CL, CL, CW, CE, ES, SS, SR, CL, CL, // SHUTDOWN COMPLETE
          HS, CL, CW, CE, ES, SS, SR, SA, HS, // HEARTBEAT
          CL, CL, CW, CE, ES, SS, SR, SA, HS, // HEARTBEAT ACK
  // from NO  CL  CW  CE  ES  SS  SR  SA  HS     REPLY
          IV, CL, CW, CE, ES, SS, SR, SA, IV, // INIT
          IV, CW, CW, CE, ES, SS, SR, SA, IV, // INIT ACK
          IV, CL, CL, CL, CL, CL, CL, CL, IV, // ABORT
          IV, CL, CW, CE, SR, SS, SR, SA, IV, // SHUTDOWN
          IV, CL, CW, CE, ES, SA, SA, SA, IV, // SHUTDOWN ACK
          IV, CL, CW, CL, ES, SS, SR, SA, IV, // ERROR
          IV, CL, CE, CE, ES, SS, SR, SA, IV, // COOKIE ECHO
          IV, CL, CW, ES, ES, SS, SR, SA, IV, // COOKIE ACK
          IV, CL, CW, CE, ES, SS, SR, CL, IV, // SHUTDOWN COMPLETE
          IV, CL, CW, CE, ES, SS, SR, SA, HS, // HEARTBEAT
          IV, CL, CW, CE, ES, SS, SR, SA, ES, // HEARTBEAT ACK
]);
