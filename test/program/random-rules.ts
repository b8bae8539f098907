/** Random tables and packets over few values, so that packets meet rules. */

import type {
  Chain,
  Element,
  Expression,
  Literal,
  NamedSet,
  Rule,
  Statement,
  Table,
  Verdict,
} from "../../src/ruleset/types.ts";
import type { Random } from "../support/random.ts";
import type { PlainPacket } from "./interpreter.ts";

const INTERFACES = ["lo", "eth0", "cni0", "veth1"];
const CHAINS = 6;

export class RandomRules {
  readonly #random: Random;
  readonly #family: "ip" | "ip6";

  constructor(random: Random, family: "ip" | "ip6") {
    this.#random = random;
    this.#family = family;
  }

  packet(): PlainPacket {
    const random = this.#random;
    return {
      src: this.#address(),
      dst: this.#address(),
      protocol: random.pick(["tcp", "udp"]),
      srcPort: this.#port(),
      dstPort: this.#port(),
      state: random.pick(["new", "established", "invalid"]),
      in: random.pick(INTERFACES),
      mark: this.#mark(),
    };
  }

  /** A table with a base chain "c0"; chains jump only to later ones. */
  table(): Table {
    const sets: NamedSet[] = [
      {
        name: "pairs",
        key: [this.#addressType(), "inet_service"],
        flags: [],
        elements: this.#elements(8, () => [this.#addressLiteral(), this.#portLiteral()]),
      },
      {
        name: "nets",
        key: [this.#addressType()],
        flags: ["interval"],
        elements: this.#elements(4, () => [this.#addresses()]),
      },
      {
        name: "boxes",
        key: [this.#addressType(), "inet_service", "mark"],
        flags: ["interval"],
        elements: this.#elements(9, () => [this.#addresses(), this.#ports(), this.#marks()]),
      },
      {
        name: "marks",
        key: ["inet_service"],
        value: ["mark"],
        flags: [],
        elements: this.#elements(
          5,
          () => [this.#portLiteral()],
          () => [number(this.#mark())],
        ),
      },
      {
        name: "verdicts",
        key: [this.#addressType(), "inet_proto", "inet_service"],
        value: "verdict",
        flags: [],
        elements: this.#elements(
          6,
          () => [this.#addressLiteral(), this.#protocol(), this.#portLiteral()],
          () => this.#verdict(CHAINS - 1),
        ),
      },
    ];
    const chains = Array.from({ length: CHAINS }, (_, i) => this.#chain(i));
    return { family: this.#random.once(3) ? "inet" : this.#family, name: "test", sets, chains };
  }

  #chain(index: number): Chain {
    const rules: Rule[] = Array.from({ length: 2 + this.#random.below(8) }, () => ({ statements: this.#rule(index) }));
    if (index > 0) return { name: `c${index}`, rules };
    return {
      name: "c0",
      rules,
      base: { type: "filter", hook: "forward", priority: 0, policy: this.#random.pick(["accept", "drop"]) },
    };
  }

  #rule(chain: number): Statement[] {
    const random = this.#random;
    const statements = Array.from({ length: random.below(3) }, () => this.#condition());
    if (random.once(3)) statements.push({ kind: "mangle", target: "meta mark", value: this.#newMark() });
    const { named, key } = this.#verdictKey();
    if (chain === 0 && random.once(4))
      statements.push({
        kind: "vmap",
        key,
        map: named ? { kind: "named", name: "verdicts" } : this.#anonymousVerdicts(),
      });
    else if (random.once(8)) statements.push({ kind: "reject" });
    else if (random.once(2)) statements.push({ kind: "verdict", verdict: this.#verdict(chain + 1) });
    return statements;
  }

  #condition(): Statement {
    const random = this.#random;
    const match = (
      left: Expression,
      operator: (Statement & { kind: "match" })["operator"],
      ...parts: Literal[]
    ): Statement => ({ kind: "match", left, operator, right: { kind: "literal", parts } });
    const equality = random.pick(["==", "!="] as const);
    const field = this.#addressField();
    const port = this.#portField();
    return random.pick<() => Statement>([
      () => match(field, equality, this.#addresses()),
      () => match(port, equality, this.#ports()),
      () => match(port, random.pick(["<", "<=", ">", ">="]), this.#portLiteral()),
      () => match({ kind: "meta", key: "l4proto" }, equality, this.#protocol()),
      () =>
        match(
          { kind: "meta", key: "mark" },
          equality,
          random.once(2) ? number(this.#mark()) : range(number(1), number(0x4000)),
        ),
      () =>
        match(
          { kind: "bitwise", operator: "&", left: { kind: "meta", key: "mark" }, right: 0x4000 },
          equality,
          number(0),
        ),
      () => match({ kind: "meta", key: "iifname" }, equality, name(random.pick(["eth0", "cni0", "veth*", "wg0"]))),
      () => match({ kind: "ct", key: "state" }, "!", name(random.pick(["new", "established", "invalid"]))),
      () => ({
        kind: "lookup",
        key: { kind: "concat", parts: [field, port, { kind: "meta", key: "mark" }] },
        set: { kind: "named", name: "boxes" },
        invert: random.once(2),
      }),
      () => match({ kind: "ct", key: "state" }, "==", name("new"), name(random.pick(["established", "invalid"]))),
      () => match({ kind: "concat", parts: [field, port] }, equality, this.#addressLiteral(), this.#portLiteral()),
      () => ({
        kind: "lookup",
        key: { kind: "concat", parts: [field, port] },
        set: { kind: "named", name: "pairs" },
        invert: random.once(2),
      }),
      () => ({ kind: "lookup", key: field, set: { kind: "named", name: "nets" }, invert: random.once(2) }),
      () => ({
        kind: "lookup",
        key: port,
        set: { kind: "anonymous", elements: this.#elements(3, () => [this.#ports()]) },
        invert: random.once(2),
      }),
    ])();
  }

  #newMark(): Expression {
    const random = this.#random;
    if (random.once(3)) return { kind: "literal", parts: [number(this.#mark())] };
    if (random.once(2)) return { kind: "map", key: this.#portField(), map: { kind: "named", name: "marks" } };
    if (random.once(3))
      return {
        kind: "bitwise",
        operator: random.pick(["<<", ">>"]),
        left: random.once(2) ? { kind: "meta", key: "mark" } : this.#portField(),
        right: random.below(16),
      };
    return {
      kind: "bitwise",
      operator: random.pick(["&", "|", "^"]),
      left: { kind: "meta", key: "mark" },
      right: this.#mark(),
    };
  }

  #verdictKey(): { readonly named: boolean; readonly key: Expression } {
    if (this.#random.once(2)) return { named: false, key: this.#portField() };
    const parts = [this.#addressField(), { kind: "meta", key: "l4proto" } as const, this.#portField()];
    return { named: true, key: { kind: "concat", parts } };
  }

  #anonymousVerdicts() {
    return {
      kind: "anonymous",
      elements: this.#elements(
        4,
        () => [this.#portLiteral()],
        () => this.#verdict(CHAINS - 2),
      ),
    } as const;
  }

  #verdict(firstChain: number): Verdict {
    const random = this.#random;
    if (firstChain >= CHAINS || random.once(2)) return { kind: random.pick(["accept", "drop", "return", "continue"]) };
    return { kind: random.pick(["jump", "goto"]), chain: `c${firstChain + random.below(CHAINS - firstChain)}` };
  }

  /** Elements with different keys. */
  #elements(count: number, key: () => Literal[], value?: () => Literal[] | Verdict): Element[] {
    const byText = new Map<string, Element>();
    for (let i = 0; i < count; i++) {
      const literals = key();
      byText.set(JSON.stringify(literals), { key: literals, ...(value === undefined ? {} : { value: value() }) });
    }
    return [...byText.values()];
  }

  #addressField(): Expression {
    return { kind: "payload", protocol: this.#family, field: this.#random.pick(["saddr", "daddr"]) };
  }

  #portField(): Expression {
    return { kind: "payload", protocol: "th", field: this.#random.pick(["sport", "dport"]) };
  }

  #addressType(): "ipv4_addr" | "ipv6_addr" {
    return this.#family === "ip" ? "ipv4_addr" : "ipv6_addr";
  }

  #address(): string {
    const random = this.#random;
    if (this.#family === "ip") return `10.${random.below(2)}.0.${1 + random.below(6)}`;
    return `fd00:${1 + random.below(2)}::${1 + random.below(6)}`;
  }

  #addressLiteral(): Literal {
    return { kind: "address", address: this.#address() };
  }

  #addresses(): Literal {
    const random = this.#random;
    if (random.once(3)) return this.#addressLiteral();
    const bits = this.#family === "ip" ? 32 : 128;
    if (random.once(2))
      return { kind: "prefix", address: this.#address(), length: random.pick([0, 8, 16, 31, bits - 2, bits]) };
    const [low, high] = this.#family === "ip" ? ["10.0.0.2", "10.1.0.3"] : ["fd00:1::2", "fd00:2::3"];
    return range({ kind: "address", address: low! }, { kind: "address", address: high! });
  }

  #port(): number {
    return this.#random.pick([1, 53, 80, 256, 8080, 65535]);
  }

  #portLiteral(): Literal {
    return number(this.#port());
  }

  #ports(): Literal {
    return this.#random.once(2)
      ? this.#portLiteral()
      : range(number(53), number(this.#random.pick([53, 80, 300, 9000])));
  }

  #marks(): Literal {
    if (this.#random.once(2)) return number(this.#mark());
    return this.#random.once(2) ? range(number(0), number(0x4000)) : range(number(0x4001), number(0xffffffff));
  }

  #protocol(): Literal {
    return { kind: "protocol", protocol: this.#random.pick([6, 17]) };
  }

  #mark(): number {
    return this.#random.pick([0, 1, 0x100, 0x4000, 0x4001, 0xffffffff]);
  }
}

function number(value: number): Literal {
  return { kind: "number", value };
}

function name(text: string): Literal {
  return { kind: "name", name: text };
}

function range(from: Literal, to: Literal): Literal {
  return { kind: "range", from, to };
}
