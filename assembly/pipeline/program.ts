/** What the pipeline asks of the active program. */

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

export function isLoopback(index: u32): bool {
  return (load<u32>(interfaceAt(index), Program.INTERFACE_FLAGS) & Program.INTERFACE_LOOPBACK) != 0;
}
