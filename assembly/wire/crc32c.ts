/**
 * CRC32c (Castagnoli), the checksum of SCTP (RFC 9260 appendix A): reflected, eight bytes at a time with eight tables
 * that are computed on first use.
 */

import * as Wire from "../layout/wire";

/** The polynomial 0x1edc6f41 with its bits reversed. */
const POLYNOMIAL: u32 = 0x82f63b78;
/** Table k holds the CRC of a byte followed by k zero bytes: 8 × 256 u32. */
const tables: usize = memory.data(8192, 64);
let tablesReady = false;

/** CRC32c of a range of bytes. */
export function crc32c(address: usize, bytes: u32): u32 {
  return ~update(0xffffffff, address, bytes);
}

/** CRC32c of an SCTP packet with its checksum field taken as zero: what the field has to hold. */
export function crc32cOfSctp(header: usize, bytes: u32): u32 {
  assert(bytes >= Wire.SCTP_SIZE, "no SCTP header");
  let crc = update(0xffffffff, header, Wire.SCTP_CHECKSUM);
  crc = word(crc, 0);
  return ~update(crc, header + Wire.SCTP_CHUNKS, bytes - Wire.SCTP_CHUNKS);
}

function update(crc: u32, address: usize, bytes: u32): u32 {
  if (!tablesReady) fillTables();
  const end = address + bytes;
  while (address + 8 <= end) {
    crc = twoWords(crc ^ load<u32>(address), load<u32>(address, 4));
    address += 8;
  }
  while (address < end) {
    crc = entry(0, (crc ^ load<u8>(address)) & 0xff) ^ (crc >> 8);
    address++;
  }
  return crc;
}

/** The CRC after eight bytes, the first four already mixed with it. */
function twoWords(low: u32, high: u32): u32 {
  return (
    entry(7, low & 0xff) ^
    entry(6, (low >> 8) & 0xff) ^
    entry(5, (low >> 16) & 0xff) ^
    entry(4, low >> 24) ^
    entry(3, high & 0xff) ^
    entry(2, (high >> 8) & 0xff) ^
    entry(1, (high >> 16) & 0xff) ^
    entry(0, high >> 24)
  );
}

/** The CRC after four bytes. */
function word(crc: u32, bytes: u32): u32 {
  crc ^= bytes;
  return entry(3, crc & 0xff) ^ entry(2, (crc >> 8) & 0xff) ^ entry(1, (crc >> 16) & 0xff) ^ entry(0, crc >> 24);
}

function entry(table: u32, byte: u32): u32 {
  return load<u32>(tables + ((table << 10) | (byte << 2)));
}

function fillTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    store<u32>(tables + (byte << 2), crc);
  }
  for (let at: u32 = 256; at < 2048; at++) {
    const previous = load<u32>(tables + ((at - 256) << 2));
    store<u32>(tables + (at << 2), entry(0, previous & 0xff) ^ (previous >> 8));
  }
  tablesReady = true;
}
