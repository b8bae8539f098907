/** Connections that a node knew before the first packet: `conntrack -I` in the kernel, `conntrack -L` for the engine. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { zeros } from "../support/bytes.ts";
import { describeKernel } from "../support/kernel.ts";
import { ip } from "../support/packet.ts";
import { icmp4, raw, tcp, udp } from "../support/transport.ts";
import { translating } from "./rules.ts";
import { Twins } from "./twins.ts";
import { CLIENT, NODE, POD } from "./world.ts";

const TCP = ["-p", "tcp", "--sport", "40000", "--dport", "7000"];
const DNAT = ["-s", CLIENT.ip4, "-d", NODE.ip4, "--dst-nat", `${POD.ip4}:8080`];
const DNAT_TCP = [...TCP, ...DNAT];

describeKernel("connections that were known before", () => {
  let twins: Twins;
  beforeAll(() => {
    twins = new Twins({ ruleset: translating({ kind: "masquerade", flags: ["fully-random"] }) });
  });
  afterAll(() => twins?.close());

  async function know(...entries: readonly (readonly string[])[]): Promise<void> {
    twins.kernel.run("conntrack", ["-F"]);
    for (const entry of entries) twins.kernel.run("conntrack", ["-I", "-t", "1000", ...entry]);
    await twins.restart();
  }

  const client = (flags: string, seq: number, ack: number) =>
    twins.talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: NODE.ip4 }, tcp({ src: 40000, dst: 7000, flags, seq, ack })));
  const pod = (flags: string, seq: number, ack: number) =>
    twins.talk.send(POD, ip({ src: POD.ip4, dst: CLIENT.ip4 }, tcp({ src: 8080, dst: 40000, flags, seq, ack })));

  it.each([
    "SYN_SENT",
    "SYN_RECV",
    "ESTABLISHED",
    "FIN_WAIT",
    "CLOSE_WAIT",
    "LAST_ACK",
    "TIME_WAIT",
    "CLOSE",
  ])("TCP in %s goes on with its translation, its windows taken from the next segments", async (state) => {
    await know([...DNAT_TCP, "--state", state, "-u", "ASSURED,SEEN_REPLY", "-m", "7"]);
    for (const [flags, seq, ack] of [
      ["PA", 5000, 900],
      ["A", 5000, 900],
    ] as const) {
      client(flags, seq, ack);
      pod(flags, ack, seq);
    }
    client("PA", 4_000_000_000, 900);
    client("FA", 5000, 900);
    pod("FA", 900, 5001);
    expect(twins.compare("at the end").length).toBeGreaterThan(0);
  });

  it("an answer makes one that had none ESTABLISHED", async () => {
    await know([...DNAT_TCP, "--state", "SYN_SENT"]);
    pod("SA", 0, 1);
    client("A", 1, 1);
    expect(twins.compare("at the end")).toMatchObject([expect.stringMatching(/^tcp ESTABLISHED assured/)]);
  });

  it("a SYN to a port that is kept takes the endpoint that is known", async () => {
    await know([...DNAT_TCP, "--state", "CLOSE", "-u", "ASSURED,SEEN_REPLY"]);
    client("S", 9000, 0);
  });

  it("UDP that was answered is a stream at once", async () => {
    await know([
      "-p",
      "udp",
      "--sport",
      "5000",
      "--dport",
      "7000",
      ...DNAT,
      "--reply-port-src",
      "8080",
      "-u",
      "SEEN_REPLY",
    ]);
    twins.talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: NODE.ip4 }, udp({ src: 5000, dst: 7000 })));
    twins.talk.send(POD, ip({ src: POD.ip4, dst: CLIENT.ip4 }, udp({ src: 8080, dst: 5000 })));
    expect(twins.compare("at the end")).toMatchObject([expect.stringMatching(/^udp {2}assured/)]);
  });

  it("UDP without an answer gets it", async () => {
    await know(["-p", "udp", "--sport", "5000", "--dport", "7000", ...DNAT]);
    twins.talk.send(POD, ip({ src: POD.ip4, dst: CLIENT.ip4 }, udp({ src: 8080, dst: 5000 })));
  });

  // Not so GRE: the kernel gives what ctnetlink creates no timeouts, so that the first packet ends it.
  it("echo and unknown protocols are found by their tuples", async () => {
    const ends = ["-s", CLIENT.ip4, "-d", POD.ip4];
    const tags = ["--orig-vtag", "1", "--reply-vtag", "2"];
    await know(
      ["-p", "icmp", ...ends, "--icmp-type", "8", "--icmp-code", "0", "--icmp-id", "77"],
      ["-p", "gre", ...ends, "--srckey", "0", "--dstkey", "0"],
      ["-p", "89", ...ends],
      ["-p", "sctp", ...ends, "--sport", "5", "--dport", "6", "--state", "ESTABLISHED", ...tags],
    );
    const answer = { src: POD.ip4, dst: CLIENT.ip4 };
    twins.talk.send(POD, ip(answer, icmp4(0, 0, 77 << 16, zeros(8))));
    twins.talk.send(POD, ip(answer, raw(89, zeros(8))));
    expect(twins.compare("at the end")).toHaveLength(4);
  });

  it("IPv6 connections go on with their translation", async () => {
    const known = [...TCP, "-s", CLIENT.ip6, "-d", NODE.ip6, "--dst-nat", `[${POD.ip6}]:8080`];
    await know([...known, "--state", "ESTABLISHED", "-u", "ASSURED,SEEN_REPLY"]);
    const segment = tcp({ src: 40000, dst: 7000, flags: "PA", seq: 1, ack: 1 });
    const [sent] = twins.talk.send(CLIENT, ip({ src: CLIENT.ip6, dst: NODE.ip6 }, segment));
    expect(sent?.link).toBe(POD.link);
  });
});
