/** The SCTP common header and its chunks in place (RFC 9260). */

import * as Wire from "../layout/wire";

/** An SCTP header in place. Valid only where hasSctpHeader() said so. */
@final @unmanaged
export class SctpHeader {
  get srcPort(): u32 { return load<u16>(changetype<usize>(this), Wire.SRC_PORT); }
  set srcPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.SRC_PORT); }
  get dstPort(): u32 { return load<u16>(changetype<usize>(this), Wire.DST_PORT); }
  set dstPort(port: u32) { store<u16>(changetype<usize>(this), port, Wire.DST_PORT); }
  /** Verification tag, in network order: it is only ever compared. */
  get tag(): u32 { return load<u32>(changetype<usize>(this), Wire.SCTP_TAG); }
  set tag(tag: u32) { store<u32>(changetype<usize>(this), tag, Wire.SCTP_TAG); }
  /** CRC32c as crc32c() gives it: the wire has it in little-endian order. */
  get checksum(): u32 { return load<u32>(changetype<usize>(this), Wire.SCTP_CHECKSUM); }
  set checksum(crc: u32) { store<u32>(changetype<usize>(this), crc, Wire.SCTP_CHECKSUM); }
}

/** An SCTP chunk in place. Valid only where hasChunk() said so; the length may say more than is there. */
@final @unmanaged
export class SctpChunk {
  get type(): u32 { return load<u8>(changetype<usize>(this), Wire.CHUNK_TYPE); }
  get flags(): u32 { return load<u8>(changetype<usize>(this), Wire.CHUNK_FLAGS); }
  get length(): u32 { return bswap<u16>(load<u16>(changetype<usize>(this), Wire.CHUNK_LENGTH)); }
  /** Initiate tag of INIT and INIT ACK; read it only when CHUNK_INIT_SIZE bytes are there. */
  get initTag(): u32 { return load<u32>(changetype<usize>(this), Wire.CHUNK_INIT_TAG); }
}

export function hasSctpHeader(address: usize, bytesLeft: u32): bool {
  return bytesLeft >= Wire.SCTP_SIZE;
}

export function hasChunk(address: usize, bytesLeft: u32): bool {
  return bytesLeft >= Wire.CHUNK_SIZE;
}

/** Bytes from a chunk to the next one: its length filled up to words. 0 for a chunk of no length, which is malformed. */
export function chunkStride(chunk: SctpChunk): u32 {
  return (chunk.length + 3) & ~3;
}
