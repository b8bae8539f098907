/** Checksums of packets that are made here, one at a time; the engine has faster ones for those that pass. */

const CRC32C_REFLECTED = 0x82f63b78;

/** The internet checksum (RFC 1071) of bytes whose checksum field is zero. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Castagnoli's CRC, as SCTP has it (RFC 9260, appendix A), of bytes whose checksum field is zero. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ CRC32C_REFLECTED : crc >>> 1;
  }
  return ~crc >>> 0;
}
