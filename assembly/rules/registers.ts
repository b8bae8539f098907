/** The register file of the rule at hand. A value starts at a multiple of four bytes; what is shorter is padded with zeros. */

import * as Instructions from "../layout/instructions";

const file: usize = memory.data(128, 16);

if (Instructions.REGISTERS_BYTES != 128) ERROR("the register file is not as large as layout/instructions.ts says");

/** Address of the register at a byte offset. */
export function register(offset: u32): usize {
  assert(offset < Instructions.REGISTERS_BYTES, "no such register");
  return file + offset;
}

/** Address of the register that the instruction names. */
export function registerOf(instruction: usize): usize {
  return register(load<u8>(instruction, Instructions.REGISTER));
}
