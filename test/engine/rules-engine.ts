/** The evaluator by itself: programs in, one packet at a time through one chain. */

import * as Layout from "../../assembly/layout/program.ts";
import { formatAddress } from "../../src/network/address.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { SetIds } from "../../src/program/set-ids.ts";
import type { Program } from "../../src/program/types.ts";
import type { BaseChain, Chain, Rule, Ruleset, Statement, Table, TableFamily } from "../../src/ruleset/types.ts";
import { addressBytes } from "../support/address.ts";
import type { TestEngine } from "./compile.ts";

export const NO_INTERFACE = 0xffff;
export const ACCEPT = 0;
export const DROP = 1;
export const REJECT = 2;

const HOOKS = ["prerouting", "input", "forward", "output", "postrouting"];
const BUFFER_BYTES = 65536;
/** Where addresses are put that are no packet's. */
const ADDRESS_AT = 61440;

export interface Surroundings {
  readonly in?: number;
  readonly out?: number;
  readonly mark?: number;
  readonly ct?: number;
  /** STATUS_* bits of a connection to be made for the packet. */
  readonly status?: number;
}

export class RulesEngine {
  readonly wasm: TestEngine;
  readonly setIds = new SetIds();
  readonly #buffer: number;
  program!: Program;

  constructor(wasm: TestEngine, { seed = 1n, dynamicMax = 1024 } = {}) {
    this.wasm = wasm;
    if (!wasm.start!(seed, dynamicMax)) throw new Error("no memory");
    this.#buffer = wasm.buffer!(BUFFER_BYTES);
  }

  load(ruleset: Ruleset, network: NodeNetwork = plainNetwork()): Program {
    this.program = compileProgram({ ruleset, network, setIds: this.setIds });
    this.loadImage(this.program.image);
    return this.program;
  }

  /** Returns whether the engine took it. */
  loadImage(image: Uint8Array): boolean {
    const at = this.wasm.stageProgram!(image.length) >>> 0;
    new Uint8Array(this.wasm.memory.buffer, at, image.length).set(image);
    return this.wasm.activateProgram!() !== 0;
  }

  packet(
    bytes: Uint8Array,
    { in: from = NO_INTERFACE, out = NO_INTERFACE, mark = 0, ct = 1, status }: Surroundings = {},
  ): void {
    new Uint8Array(this.wasm.memory.buffer, this.#buffer, bytes.length).set(bytes);
    const reason = this.wasm.prepare!(this.#buffer, bytes.length, from, out, mark, ct);
    if (reason !== 0) throw new Error(`the packet is dropped for reason ${reason}`);
    if (status !== undefined) this.wasm.connect!(status);
  }

  /** Runs the packet through the first base chain of the hook (or the one at a position in the hook's list). */
  run(family: 4 | 6, hook: string, position = 0): number {
    const { chain, policy } = this.chain(family, hook, position);
    return this.wasm.run!(chain, policy);
  }

  chain(family: 4 | 6, hook: string, position = 0): { readonly chain: number; readonly policy: number } {
    const view = this.view();
    const list = this.hookList(family, hook);
    let left = position;
    for (
      let step = list + Layout.STEPS;
      step < list + Layout.STEPS + this.steps(family, hook) * Layout.STEP_SIZE;
      step += Layout.STEP_SIZE
    ) {
      const chain = view.getUint32(step + Layout.STEP_CHAIN, true);
      if (view.getUint8(step) === Layout.STEP_FILTER && left-- === 0)
        return { chain, policy: view.getUint8(step + Layout.STEP_POLICY) };
      if (view.getUint8(step) !== Layout.STEP_NAT) continue;
      const count = view.getUint32(chain, true);
      if (left < count) {
        const at = chain + Layout.NAT_CHAINS + left * Layout.NAT_CHAIN_SIZE;
        return { chain: view.getUint32(at, true), policy: view.getUint32(at + 4, true) };
      }
      left -= count;
    }
    throw new Error(`no chain at ${hook}`);
  }

  hookList(family: 4 | 6, hook: string): number {
    return this.view().getUint32(Layout.HOOKS + ((family === 4 ? 0 : 5) + HOOKS.indexOf(hook)) * 4, true);
  }

  steps(family: 4 | 6, hook: string): number {
    return this.view().getUint32(this.hookList(family, hook), true);
  }

  /** The connection's reply source: where a DNAT sends it. */
  destination(): string {
    return `${this.#address(this.wasm.replyAddress!(0))}:${this.wasm.replyPort!(0)}`;
  }

  /** The connection's reply destination: what a SNAT shows as its source. */
  source(): string {
    return `${this.#address(this.wasm.replyAddress!(1))}:${this.wasm.replyPort!(1)}`;
  }

  leave(hook: number, destination: string): void {
    this.wasm.leave!(hook, this.place(destination));
  }

  /** Puts an address into memory, for a call that wants one. */
  place(address: string): number {
    const at = this.#buffer + ADDRESS_AT;
    new Uint8Array(this.wasm.memory.buffer, at, 16).fill(0);
    new Uint8Array(this.wasm.memory.buffer, at, 16).set(addressBytes(address));
    return at;
  }

  /** Bytes of the active program, or of memory. */
  memory(): DataView {
    return new DataView(this.wasm.memory.buffer);
  }

  view(): DataView {
    return new DataView(this.wasm.memory.buffer, this.wasm.activeProgram!());
  }

  #address(at: number): string {
    const bytes = new Uint8Array(this.wasm.memory.buffer, at, 16);
    return formatAddress(bytes.subarray(4).every((byte) => byte === 0) ? bytes.slice(0, 4) : bytes.slice());
  }
}

export function plainNetwork(fields: Partial<NodeNetwork> = {}): NodeNetwork {
  return {
    interfaces: [
      device("lo", 1, ["127.0.0.1/8", "::1/128"]),
      device("eth0", 2, ["192.168.10.11/24", "fd00:10::b/64"]),
      device("cni0", 3, ["10.244.1.1/24"]),
      device("veth1", 4, []),
    ],
    routes: [
      {
        type: "unicast",
        destination: "0.0.0.0/0",
        gateway: "192.168.10.1",
        interface: "eth0",
        table: "main",
        metric: 0,
      },
      { type: "unicast", destination: "192.168.10.0/24", interface: "eth0", table: "main", metric: 0 },
      { type: "unicast", destination: "10.244.1.0/24", interface: "cni0", table: "main", metric: 0 },
      { type: "unicast", destination: "fd00:10::/64", interface: "eth0", table: "main", metric: 256 },
      { type: "local", destination: "127.0.0.0/8", interface: "lo", table: "local", metric: 0 },
      { type: "local", destination: "192.168.10.11/32", interface: "eth0", table: "local", metric: 0 },
      { type: "local", destination: "10.244.1.1/32", interface: "cni0", table: "local", metric: 0 },
      { type: "broadcast", destination: "192.168.10.255/32", interface: "eth0", table: "local", metric: 0 },
      { type: "local", destination: "fd00:10::b/128", interface: "eth0", table: "local", metric: 0 },
      { type: "local", destination: "::1/128", interface: "lo", table: "local", metric: 0 },
    ],
    neighbours: [
      { address: "192.168.10.1", interface: "eth0", mac: "02:00:00:00:02:01" },
      { address: "192.168.10.12", interface: "eth0", mac: "02:00:00:00:01:02" },
      { address: "10.244.1.7", interface: "cni0", mac: "02:00:00:01:00:07" },
      { address: "fd00:10::1", interface: "eth0", mac: "02:00:00:00:02:01" },
    ],
    sysctls: { "net.ipv4.ip_forward": "1" },
    sockets: [],
    kind: "node",
    linkAddresses: true,
    ...fields,
  };
}

function device(name: string, index: number, addresses: readonly string[]): NodeNetwork["interfaces"][number] {
  const loopback = name === "lo";
  return {
    name,
    index,
    mtu: 1500,
    loopback,
    up: true,
    linkType: loopback ? "loopback" : "ether",
    ...(loopback ? {} : { mac: `02:00:00:00:00:0${index}` }),
    addresses: addresses.map((text) => {
      const [address = "", length] = text.split("/");
      return { address, prefixLength: Number(length), scope: loopback ? "host" : "global", secondary: false };
    }),
  };
}

export function table(chains: readonly Chain[], fields: Partial<Table> = {}): Table {
  return { family: "ip", name: "test", sets: [], chains, ...fields };
}

export function chain(name: string, rules: readonly (readonly Statement[])[], base?: Partial<BaseChain>): Chain {
  const written: readonly Rule[] = rules.map((statements) => ({ statements }));
  if (base === undefined) return { name, rules: written };
  return { name, rules: written, base: { type: "filter", hook: "forward", priority: 0, policy: "accept", ...base } };
}

/** A ruleset of one table with one filter chain at forward. */
export function oneChain(
  rules: readonly (readonly Statement[])[],
  family: TableFamily = "ip",
  fields: Partial<Table> = {},
): Ruleset {
  return { tables: [table([chain("forward", rules, {})], { family, ...fields })] };
}
