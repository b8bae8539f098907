/** Random rules as iptables-save prints them, in runs that match on the same things, and packets over the same few values. */

import { readIptablesSave } from "../../src/ruleset/iptables-save.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { ip } from "../support/packet.ts";
import type { Random } from "../support/random.ts";
import { tcp, udp } from "../support/transport.ts";

type Family = "ip" | "ip6";
type Field = "-s" | "-d" | "-i" | "--sport" | "--dport" | "-p";

interface Values {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly nets: readonly string[];
  readonly target: string;
}

const VALUES: Readonly<Record<Family, Values>> = {
  ip: {
    sources: ["10.244.1.10", "10.244.1.11", "10.244.1.12"],
    destinations: ["10.96.0.1", "10.96.0.2", "10.244.2.10", "10.244.2.11", "192.168.10.11"],
    nets: ["10.244.0.0/16", "10.96.0.0/31", "10.244.2.10/31"],
    target: "10.244.2.10",
  },
  ip6: {
    sources: ["fd00:244:1::10", "fd00:244:1::11", "fd00:244:1::12"],
    destinations: ["fd00:96::1", "fd00:96::2", "fd00:244:2::10", "fd00:244:2::11", "fd00:10::11"],
    nets: ["fd00:244::/32", "fd00:96::/127", "fd00:244:2::10/127"],
    target: "fd00:244:2::10",
  },
};
const LINKS = ["pod0", "eth0", "lo"];
const PORTS = [53, 80, 443, 8080];
const FIELDS: readonly Field[] = ["-s", "-d", "-i", "-p", "--sport", "--dport"];
const RULES_MAX = 40;
const OWN_CHAINS = 4;

export class RandomRuns {
  readonly #random: Random;
  readonly #family: Family;
  #port = 1024;

  constructor(random: Random, family: Family) {
    this.#random = random;
    this.#family = family;
  }

  ruleset(): Ruleset {
    const text = [
      ...this.#table("mangle", ["PREROUTING"], () => this.#markTarget()),
      ...this.#table("nat", ["PREROUTING"], () => this.#natTarget()),
      ...this.#table("filter", ["FORWARD", "INPUT"], () => this.#filterTarget()),
    ].join("\n");
    const { ruleset, problems } = readIptablesSave(`${text}\n`, { file: "rules", family: this.#family });
    if (problems.length > 0) throw new Error(`${problems[0]!.message}:\n${text}`);
    return ruleset;
  }

  packet(): { readonly link: string; readonly packet: Uint8Array } {
    const random = this.#random;
    const { sources, destinations } = VALUES[this.#family];
    const [src, dst] = [random.pick(sources), random.pick(destinations)];
    const [from, to] = [random.once(3) ? random.pick(PORTS) : this.#port++, random.pick(PORTS)];
    const payload = random.pick([
      () => tcp({ src: from, dst: to, flags: "S" }),
      () => tcp({ src: from, dst: to, flags: "A" }),
      () => udp({ src: from, dst: to }),
      () => ({ protocol: 132, bytes: random.bytes(random.below(12)) }),
    ])();
    return { link: random.pick(["pod0", "pod0", "eth0"]), packet: ip({ src, dst }, payload) };
  }

  #table(table: string, bases: readonly string[], target: () => string): string[] {
    const own = Array.from({ length: OWN_CHAINS }, (_, n) => `${table}-${n}`);
    const chains = [...bases, ...own];
    return [
      `*${table}`,
      ...bases.map((name) => `:${name} ACCEPT [0:0]`),
      ...own.map((name) => `:${name} - [0:0]`),
      ...chains.flatMap((name, n) => this.#rules(name, chains.slice(Math.max(n + 1, bases.length)), target)),
      "COMMIT",
    ];
  }

  /** `later`: chains to which they may lead. */
  #rules(chain: string, later: readonly string[], target: () => string): string[] {
    const random = this.#random;
    const rules: string[] = [];
    const count = random.below(RULES_MAX);
    while (rules.length < count) {
      const fields = FIELDS.filter(() => random.once(3));
      for (let left = 1 + random.below(12); left > 0; left--) {
        const leads = later.length > 0 && random.once(3);
        const end = leads ? `${random.pick(["-j", "-j", "-g"])} ${random.pick(later)}` : target();
        rules.push(`-A ${chain} ${this.#matches(fields)} ${end}`);
      }
    }
    return rules;
  }

  /** These fields, and now and then others, or some of them in another way. */
  #matches(fields: readonly Field[]): string {
    const random = this.#random;
    const { sources, destinations, nets } = VALUES[this.#family];
    const wanted = new Set<Field>(random.once(6) ? [...fields, random.pick(FIELDS)] : fields);
    const has = (field: Field): boolean => wanted.has(field) && !random.once(30);
    const not = (): string => (random.once(12) ? "! " : "");
    const protocol = random.pick(["tcp", "udp"]);
    const ports = [
      has("--sport") ? `${not()}--sport ${random.pick(PORTS)}` : "",
      has("--dport") ? `${not()}--dport ${random.once(10) ? "50:500" : random.pick(PORTS)}` : "",
    ].join(" ");
    return [
      has("-s") ? `${not()}-s ${random.pick(random.once(8) ? nets : sources)}` : "",
      has("-d") ? `${not()}-d ${random.pick(random.once(8) ? nets : destinations)}` : "",
      has("-i") ? `${not()}-i ${random.pick(LINKS)}` : "",
      ports.trim() !== "" || has("-p") ? `-p ${protocol}` : "",
      random.once(8) ? "-m statistic --mode random --probability 0.5" : "",
      random.once(8) ? `-m mark --mark 0x${1 + random.below(2)}/0x3` : "",
      ports.trim() === "" ? "" : `-m ${protocol} ${ports}`,
    ].join(" ");
  }

  #markTarget(): string {
    return this.#random.pick([
      "-j MARK --set-xmark 0x1/0x3",
      "-j MARK --set-xmark 0x2/0x3",
      "-j RETURN",
      "-j ACCEPT",
      "",
    ]);
  }

  #natTarget(): string {
    const { target } = VALUES[this.#family];
    return this.#random.pick([`-j DNAT --to-destination ${target}`, "-j MARK --set-xmark 0x1/0x3", "-j RETURN", ""]);
  }

  #filterTarget(): string {
    return this.#random.pick(["-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", "-j MARK --set-xmark 0x2/0x3", "", ""]);
  }
}
