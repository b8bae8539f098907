/**
 * A kernel node and an engine side by side: each frame goes into both, and then not only what left is held equal, but
 * also what both know of connections, `conntrack -L` against the engine's table.
 */

import { expect } from "vitest";
import * as Layout from "../../assembly/layout/connection.ts";
import * as EngineLayout from "../../assembly/layout/engine.ts";
import type { Connection } from "../../src/engine/connections.ts";
import { type KnownConnection, type KnownTuple, knownConnectionsFrom } from "../../src/network/known-connections.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { EngineNode } from "../support/engine-node.ts";
import { KernelNode, type Sent } from "../support/kernel-node.ts";
import { Conversation } from "./conversation.ts";
import { NO_NETWORK } from "./setting.ts";
import { report } from "./turn-report.ts";
import { LINKS, ROUTES } from "./world.ts";

export interface TwinsOptions {
  readonly ruleset: Ruleset;
  readonly sysctls?: Readonly<Record<string, string | number>>;
}

/** The kernel rounds seconds down, and asks some time after the packet. */
const SECONDS_LATE = 1;

export class Twins {
  readonly kernel: KernelNode;
  /** Frames sent in it go into both. */
  readonly talk: Conversation;
  #engine: EngineNode | undefined;
  #network: NodeNetwork | undefined;
  readonly #ruleset: Ruleset;

  constructor({ ruleset, sysctls = {} }: TwinsOptions) {
    const settings = { "net.netfilter.nf_conntrack_acct": 1, ...sysctls };
    this.kernel = new KernelNode({ links: LINKS, routes: ROUTES, sysctls: settings, rules: rulesetText(ruleset) });
    this.#ruleset = ruleset;
    this.talk = new Conversation({ inject: (link, frame, time) => this.#inject(link, frame, time) });
  }

  /** Makes the engine anew from what the kernel is and knows now. */
  async restart(): Promise<void> {
    const { network, problems } = networkFrom(this.kernel.snapshot(), NO_NETWORK);
    expect(problems).toEqual([]);
    this.#network = network;
    await this.#start(network);
  }

  /** Both know of no connection. */
  async forget(): Promise<void> {
    this.kernel.run("conntrack", ["-F"]);
    if (this.#network === undefined) await this.restart();
    else await this.#start({ ...this.#network, connections: [] });
  }

  async #start(network: NodeNetwork): Promise<void> {
    this.#engine = await EngineNode.create({ ruleset: this.#ruleset, network });
    this.compare("at the start");
  }

  /** The connections that both know, as `conntrack -L` would say it, without their deadlines. */
  compare(place: string): readonly string[] {
    const known = knownConnectionsFrom(this.kernel.connections(), "conntrack -L").value.map(ofKernel).sort(byText);
    const own = this.#connections().sort(byText);
    expect(
      own.map(({ text }) => text),
      place,
    ).toEqual(known.map(({ text }) => text));
    for (const [index, { seconds, text }] of own.entries()) {
      const late = seconds - (known[index]?.seconds ?? 0);
      expect(late >= -SECONDS_LATE && late <= SECONDS_LATE, `${place}: ${text}: ${seconds} s, ${late} too many`).toBe(
        true,
      );
    }
    return known.map(({ text }) => text);
  }

  close(): void {
    this.kernel.close();
  }

  #inject(link: string, frame: Uint8Array, time: bigint): readonly Sent[] {
    const engine = this.#engine;
    if (engine === undefined) throw new Error("restart() makes the engine");
    const turn = { time, link, frame, sent: this.kernel.inject(link, frame) };
    const { sent } = engine.inject(link, frame, time, turn.sent);
    expect(report(turn, sent)).toBe(report(turn, turn.sent));
    this.compare(report(turn, turn.sent));
    return turn.sent;
  }

  #connections(): Known[] {
    const node = this.#engine?.engine;
    if (node === undefined) return [];
    const first = node.field(EngineLayout.CONNECTIONS);
    const now = node.field(EngineLayout.CLOCK);
    return [...node.indexedConnections()]
      .map(([index, connection]): Known => {
        const expiresAt = node.memory.getUint32(first + index * Layout.SIZE + Layout.EXPIRES_AT, true);
        return {
          text: `${textOf(connection)} zone ${connection.zone ?? 0}`,
          seconds: Math.floor(((expiresAt - now) | 0) / 1000),
        };
      })
      .filter(({ seconds }) => seconds >= 0);
  }
}

interface Known {
  readonly text: string;
  readonly seconds: number;
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  47: "gre",
  58: "icmpv6",
  132: "sctp",
  136: "udplite",
};

function ofKernel(known: KnownConnection): Known {
  const tuple = ({ src, dst, sport, dport, icmp, packets, bytes }: KnownTuple) =>
    `${src}.${icmp?.id ?? sport} > ${dst}.${icmp === undefined ? dport : ""} ${packets}/${bytes}`;
  const protocol = PROTOCOLS[known.protocol] ?? String(known.protocol);
  const flags = [known.unreplied ? " unreplied" : "", known.assured ? " assured" : ""].join("");
  const text = `${protocol} ${known.state ?? ""}${flags} ${tuple(known.original)}, ${tuple(known.reply)} mark ${known.mark}`;
  return { text: `${text} zone ${known.zone?.number ?? 0}`, seconds: known.timeoutSeconds };
}

function textOf({ protocol, state, status, original, reply, packets, bytes, mark }: Connection): string {
  const isIcmp = protocol.startsWith("icmp");
  const tuple = ({ src, dst, sport, dport }: Connection["original"], direction: 0 | 1) =>
    `${src}.${sport ?? 0} > ${dst}.${isIcmp ? "" : (dport ?? 0)} ${packets[direction]}/${bytes[direction]}`;
  const unreplied = status.includes("seen-reply") ? "" : " unreplied";
  const assured = status.includes("assured") ? " assured" : "";
  return `${protocol} ${state ?? ""}${unreplied}${assured} ${tuple(original, 0)}, ${tuple(reply, 1)} mark ${mark}`;
}

function byText(a: Known, b: Known): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}
