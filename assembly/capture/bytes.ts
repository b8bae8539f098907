/** Numbers of a capture file, in the file's byte order. */

let swapped: bool = false;

/** `foreign`: the file's byte order is not the machine's. */
export function setByteOrder(foreign: bool): void {
  swapped = foreign;
}

export function word(address: usize): u32 {
  const value = load<u32>(address);
  return swapped ? bswap<u32>(value) : value;
}

export function half(address: usize): u32 {
  const value = load<u16>(address);
  return swapped ? bswap<u16>(value) : value;
}

/** The length of what is padded to four bytes. */
export function padded(bytes: u32): u32 {
  return (bytes + 3) & ~3;
}

export function setHalf(address: usize, value: u32): void {
  const half = <u16>value;
  store<u16>(address, swapped ? bswap<u16>(half) : half);
}
