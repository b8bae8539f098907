/**
 * TCP options with which a segment proves its sender (RFC 2385, RFC 5925): a closed port has no key to answer it with, and
 * says nothing (tcp_v4_send_reset, tcp_v6_send_reset).
 */

import * as Wire from "../layout/wire";

const MD5: u32 = 19;
const MD5_BYTES: u32 = 18;
const AUTHENTICATION: u32 = 29;
const AUTHENTICATION_BYTES_MIN: u32 = 5;

/**
 * Whether a reset may answer the segment with this header: it holds no such option. Where TCP-MD5 would still have room,
 * an option of impossible length silences the port as well (tcp_do_parse_auth_options). That is for a kernel without
 * TCP-AO (CONFIG_TCP_AO), which over IPv6 passes over that option.
 */
export function isUnauthenticated(family: u32, header: usize, headerBytes: u32): bool {
  const end = header + headerBytes;
  let at = header + Wire.TCP_OPTIONS;
  while (at + MD5_BYTES <= end) {
    const kind: u32 = load<u8>(at);
    if (kind == Wire.TCP_OPTION_END) return true;
    if (kind == Wire.TCP_OPTION_NOP) {
      at++;
      continue;
    }
    const bytes: u32 = load<u8>(at, 1);
    if (bytes < 2 || at + bytes > end) return false;
    if (kind == MD5) return false;
    if (kind == AUTHENTICATION && (family == 4 || bytes < AUTHENTICATION_BYTES_MIN)) return false;
    at += bytes;
  }
  return true;
}
