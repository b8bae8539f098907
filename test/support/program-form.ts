/**
 * A program without the places where its parts stand: what refers to a chain, a set or bytes says which. Two programs of
 * one form do the same; where their chains stand depends on what was compiled before.
 */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import * as Service from "../../assembly/layout/service.ts";
import type { Program } from "../../src/program/types.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { FAILLESS, type Meaning, meaningsOf, STATE_ELSEWHERE } from "./operand-meanings.ts";

/** The form as a text. `bytes`: the program's image, or what an engine has of it. */
export function programForm(program: Program, { tables }: Ruleset, bytes: Uint8Array = program.image): string {
  const form = new FormReader(program, bytes);
  const sets = tables.flatMap(({ family, name: table, sets }) =>
    sets.map(({ name, value, object }) => [`${family} ${table} ${name}`, object ?? value] as const),
  );
  return JSON.stringify([form.hooks(), form.chains(), form.sets(new Map(sets)), form.network()], undefined, 1);
}

class FormReader {
  readonly #program: Program;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** By the names of chains. */
  readonly #chainStarts = new Map<string, number>();

  constructor(program: Program, bytes: Uint8Array) {
    this.#program = program;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let offset = Layout.HEADER_BYTES; offset < bytes.length; offset += 8) {
      const chain = program.chainAt(offset);
      const name = JSON.stringify(chain);
      if (chain !== undefined && !this.#chainStarts.has(name)) this.#chainStarts.set(name, offset);
    }
  }

  hooks(): unknown {
    return Array.from({ length: Layout.HOOKS_PER_FAMILY * 2 }, (_, index) => {
      const list = this.#word(Layout.HOOKS + index * 4);
      const steps = Array.from({ length: this.#word(list) }, (_, n) =>
        this.#step(list + Layout.STEPS + n * Layout.STEP_SIZE),
      );
      return [this.#word(list + Layout.HOOK_FLAGS), ...steps];
    });
  }

  /** Of each chain the instructions from its beginning to its end, and which of them are whose. */
  chains(): unknown {
    const rules = Array.from(this.#program.rules(), ({ place, begin, end }) => {
      const chain = this.#program.chainAt(begin)!;
      return [place, begin - this.#chainStarts.get(JSON.stringify(chain))!, end - begin];
    });
    const chains = Array.from(this.#chainStarts, ([name, start]) => [name, this.#chainAt(start)]);
    return [rules, chains.sort(([a], [b]) => (a! < b! ? -1 : 1))];
  }

  /** `values`: of named sets, what their values are. */
  sets(values: ReadonlyMap<string, unknown>): unknown {
    const named: unknown[] = [];
    for (let offset = Layout.HEADER_BYTES; offset < this.#bytes.length; offset += 8) {
      const place = this.#program.setAt(offset);
      if (place === undefined) continue;
      const name = `${place.family} ${place.table} ${place.set}`;
      named.push([name, this.#set(offset, values.get(name))]);
    }
    const dynamic = this.#words(this.#word(Layout.DYNAMIC_SETS), this.#word(Layout.DYNAMIC_SET_COUNT));
    const firstList = this.#word(Layout.RECENT_LISTS);
    const lists = Array.from({ length: this.#word(Layout.RECENT_LIST_COUNT) }, (_, n) =>
      this.#word(firstList + n * Layout.LIST_SIZE + Layout.LIST_IS_USED),
    );
    return [named.map((set) => JSON.stringify(set)).sort(), dynamic.map((at) => this.#program.setAt(at) ?? at), lists];
  }

  network(): unknown {
    const tables = [Layout.NEIGHBOURS4, Layout.NEIGHBOURS6, Layout.SOCKETS];
    return [
      this.#word(Layout.FLAGS),
      this.#slice(this.#word(Layout.INTERFACES), this.#word(Layout.INTERFACE_COUNT) * Layout.INTERFACE_SIZE),
      this.#slice(this.#word(Layout.ADJACENCIES), this.#word(Layout.ADJACENCY_COUNT) * Layout.ADJACENCY_SIZE),
      tables.map((field) => this.#set(this.#word(field), undefined)),
      [Layout.ROUTES4, Layout.ROUTES6].map((field) => this.#trie(this.#word(field))),
    ];
  }

  #step(at: number): unknown {
    const chain = this.#word(at + Layout.STEP_CHAIN);
    const [kind, policy] = this.#bytes.subarray(at, at + 2);
    const isNat = kind === Layout.STEP_NAT;
    const chains = isNat
      ? Array.from({ length: this.#word(chain) }, (_, n) =>
          this.#natChain(chain + Layout.NAT_CHAINS + n * Layout.NAT_CHAIN_SIZE),
        )
      : [kind === Layout.STEP_FILTER ? this.#chain(chain) : chain];
    return [kind, policy, this.#word(at + Layout.STEP_PRIORITY), ...chains];
  }

  #natChain(at: number): unknown {
    return [this.#chain(this.#word(at)), this.#word(at + 4)];
  }

  #chainAt(start: number): unknown {
    const instructions: unknown[] = [];
    for (let at = start; ; at += Instructions.INSTRUCTION_SIZE) {
      instructions.push(this.#instruction(at));
      if (this.#view.getUint8(at + Instructions.OP) === Instructions.OP_CHAIN_END) return instructions;
    }
  }

  #instruction(at: number): unknown {
    const [operation, register, length, options] = this.#bytes.subarray(at, at + 4) as unknown as number[];
    const meaning = meaningsOf(operation!);
    const isElsewhere = typeof meaning.x === "number" && (options! & STATE_ELSEWHERE) !== 0;
    const fail = this.#word(at + Instructions.FAIL);
    return [
      [operation, register, length, options],
      this.#meant(at, this.#word(at + Instructions.X), isElsewhere ? undefined : meaning.x),
      this.#meant(at, this.#word(at + Instructions.Y), meaning.y),
      FAILLESS.includes(operation!) ? fail : fail - at,
    ];
  }

  /** What a word of the instruction at `at` means. */
  #meant(at: number, word: number, meaning: Meaning | undefined): unknown {
    switch (meaning) {
      case undefined:
        return word;
      case "chain":
        return this.#chain(word);
      case "set":
        return this.#program.setAt(word) ?? this.#set(word, undefined);
      case "verdicts":
        return this.#program.setAt(word) ?? this.#set(word, "verdict");
      case "list":
        return (word - this.#word(Layout.RECENT_LISTS)) / Layout.LIST_SIZE;
      case "bytes":
        return this.#slice(word, this.#bytes[at + Instructions.LENGTH]!);
      case "service":
        return this.#service(word, this.#bytes[at + Instructions.OPTIONS]!);
      case "endpoints":
        return this.#endpoints(at, word);
      default:
        return this.#slice(word, meaning);
    }
  }

  #service(form: number, question: number): unknown {
    const set = (field: number): unknown => {
      const at = this.#word(form + field);
      return at === 0 ? 0 : (this.#program.setAt(at) ?? this.#set(at, undefined));
    };
    switch (question) {
      case Service.SERVICE_DESTINATION:
        return [
          set(Service.DESTINATION_ADDRESSES),
          set(Service.DESTINATION_NODE_PORTS),
          set(Service.DESTINATION_NODE_ADDRESSES),
        ];
      case Service.SERVICE_REFUSAL:
        return [
          ...[Service.REFUSAL_NOWHERE, Service.REFUSAL_CLUSTER_IPS, Service.REFUSAL_CIDRS].map(set),
          this.#element(form + Service.REFUSAL_OTHER_PORT, Layout.VERDICT_VALUE_BYTES, "verdict"),
          this.#element(form + Service.REFUSAL_NOBODY, Layout.VERDICT_VALUE_BYTES, "verdict"),
        ];
      default:
        return [set(Service.SOURCE_HAIRPINS), this.#words(form + Service.SOURCE_MARK, 3)];
    }
  }

  /** The endpoints, the sets of their clients, and Maglev's table. */
  #endpoints(at: number, first: number): unknown {
    const [, , length, options] = this.#bytes.subarray(at, at + 4) as unknown as number[];
    const count = this.#word(at + Instructions.Y);
    const clients = first + count * length!;
    const isAffine = (options! & Service.ENDPOINT_AFFINE) !== 0;
    const sets = this.#words(clients, isAffine ? count : 0).map((set) => this.#program.setAt(set) ?? set);
    const table = clients + sets.length * 4;
    const isMaglev = (options! & Service.ENDPOINT_MAGLEV) !== 0;
    return [this.#slice(first, count * length!), sets, isMaglev ? this.#slice(table, 4 + this.#word(table) * 2) : ""];
  }

  /** The name of the chain that an offset is in, and how far from its beginning. */
  #chain(offset: number): unknown {
    const place = this.#program.chainAt(offset);
    if (place === undefined) throw new Error(`no chain is at ${offset}`);
    const name = JSON.stringify(place);
    return [name, offset - this.#chainStarts.get(name)!];
  }

  #set(at: number, value: unknown): unknown {
    const kind = this.#view.getUint8(at + Layout.SET_KIND);
    const [, keyBytes, valueBytes] = this.#bytes.subarray(at, at + 4) as unknown as number[];
    const [count, mask, stride] = [Layout.SET_COUNT, Layout.SET_MASK, Layout.SET_STRIDE].map((field) =>
      this.#word(at + field),
    );
    const form = [kind, keyBytes, valueBytes, count, mask, stride];
    const first = this.#word(at + Layout.SET_ELEMENTS);
    if (kind === Layout.SET_DYNAMIC) {
      const rest = this.#words(at + Layout.SET_ID, 3);
      return [...form.toSpliced(3, 1), rest, this.#slice(first, mask! * stride!)];
    }
    const elements = Array.from({ length: kind === Layout.SET_HASH ? mask! + 1 : count! }, (_, n) =>
      this.#element(first + n * stride!, stride!, value),
    );
    const fallback = this.#word(at + Layout.SET_DEFAULT);
    return [form, elements, fallback === 0 ? "" : this.#element(fallback, Math.max(valueBytes!, 4), value)];
  }

  /** Its last words are its value. */
  #element(at: number, bytes: number, value: unknown): unknown {
    const last = this.#word(at + bytes - 4);
    const words = this.#slice(at, bytes - 4);
    if (value === "counter") return [words, last === 0 ? "" : this.#slice(last, Instructions.COUNTER_BYTES)];
    if (value !== "verdict") return [words, last];
    const operation = this.#word(at + bytes - 8);
    const leads = operation === Instructions.OP_JUMP || operation === Instructions.OP_GOTO;
    return [words, leads ? this.#chain(last) : last];
  }

  #trie(node: number): unknown {
    return this.#words(node, Layout.TRIE_NODE_SIZE / 4).map((entry) => {
      if ((entry & 1) !== 0) return this.#trie(entry - 1);
      return entry === 0 ? 0 : this.#slice(entry, Layout.ROUTE_SIZE);
    });
  }

  #word(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #words(at: number, count: number): number[] {
    return Array.from({ length: count }, (_, n) => this.#word(at + n * 4));
  }

  #slice(at: number, bytes: number): string {
    return Buffer.from(this.#bytes.subarray(at, at + bytes)).toString("hex");
  }
}
