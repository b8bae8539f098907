/** What the pipeline asks of the active program. */

import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import { Packet } from "../packet";
import { activeProgram } from "../rules/program";

/** PROGRAM_* flags. */
export function programHas(flag: u32): bool {
  return (load<u32>(activeProgram(), Program.FLAGS) & flag) != 0;
}

/** The hook list of the packet's family. */
export function hookList(packet: Packet, hook: u32): usize {
  const program = activeProgram();
  const index = packet.family == 4 ? hook : hook + Program.HOOKS_PER_FAMILY;
  return program + load<u32>(program + Program.HOOKS + (<usize>index << 2));
}

/** Address of an interface. The index must be one of the program's. */
export function interfaceAt(index: u32): usize {
  const program = activeProgram();
  assert(index < load<u32>(program, Program.INTERFACE_COUNT), "no such interface in the program");
  return program + load<u32>(program, Program.INTERFACES) + <usize>index * Program.INTERFACE_SIZE;
}

/** Whether the node is a router for the family. */
export function isForwarding(family: u32): bool {
  return programHas(family == 4 ? Program.PROGRAM_FORWARD4 : Program.PROGRAM_FORWARD6);
}

/** Index of the loopback interface, or NO_INTERFACE. */
export function loopbackInterface(): u32 {
  const count = load<u32>(activeProgram(), Program.INTERFACE_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    if (isLoopback(index)) return index;
  }
  return Descriptor.NO_INTERFACE;
}

export function isLoopback(index: u32): bool {
  return (load<u32>(interfaceAt(index), Program.INTERFACE_FLAGS) & Program.INTERFACE_LOOPBACK) != 0;
}
