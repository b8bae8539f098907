/** `jhash`: a key's hash as a number below a modulus (nft_hash.c). */

import * as Instructions from "../layout/instructions";
import { jhash } from "../memory/jhash";
import { register, registerOf } from "./registers";

/** The hash of the key at the instruction's register, scaled to its modulus, and what is added to it. */
export function hash(at: usize): bool {
  const value = jhash(registerOf(at), load<u8>(at, Instructions.LENGTH), load<u32>(at, Instructions.Y));
  const scaled = <u32>((<u64>value * load<u32>(at, Instructions.X)) >> 32);
  store<u32>(register(load<u8>(at, Instructions.OPTIONS)), scaled + load<u32>(at, Instructions.FAIL));
  return true;
}
