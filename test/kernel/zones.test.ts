/** Zones: equal tuples that are told apart, for both directions and for one. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { zeros } from "../support/bytes.ts";
import { describeKernel } from "../support/kernel.ts";
import { ip } from "../support/packet.ts";
import { icmp4, tcp, udp } from "../support/transport.ts";
import { zoned } from "./rules.ts";
import { FAMILIES, type Family } from "./services.ts";
import { Twins } from "./twins.ts";
import { CLIENT, type Host, POD, POD_NARROW } from "./world.ts";

const SETTINGS = {
  "pods in zones, clients in none": zoned([
    { link: "pod0", zone: 5 },
    { link: "pod1", zone: 6 },
  ]),
  "all of one zone": zoned([
    { link: "pod0", zone: 5 },
    { link: "pod1", zone: 5 },
    { link: "eth0", zone: 5 },
  ]),
  "for the original direction only": zoned([
    { link: "pod0", zone: 5, direction: "original" },
    { link: "pod1", zone: 6, direction: "original" },
  ]),
  "for the reply direction only": zoned([
    { link: "pod0", zone: 5, direction: "reply" },
    { link: "eth0", zone: 5, direction: "reply" },
  ]),
};

for (const [name, ruleset] of Object.entries(SETTINGS)) {
  describeKernel(`zones: ${name}`, () => {
    let twins: Twins;
    beforeAll(() => {
      twins = new Twins({ ruleset });
    });
    afterAll(() => twins?.close());

    /** `host` sends what both pods send alike: the same addresses, whatever link it comes in by. */
    const say = (host: Host, family: Family, flags: string, isAnswer = false) => {
      const [src, dst] = isAnswer ? [CLIENT, POD] : [POD, CLIENT];
      const ports = isAnswer ? { src: 80, dst: 5000 } : { src: 5000, dst: 80 };
      const numbers = { seq: flags === "S" ? 0 : 1, ack: flags === "S" ? 0 : 1 };
      twins.talk.send(host, ip({ src: src[family], dst: dst[family] }, tcp({ ...ports, ...numbers, flags })));
    };

    it.each(FAMILIES)("the same segments come in by two links (%s)", async (family) => {
      await twins.forget();
      for (const host of [POD, POD_NARROW]) say(host, family, "S");
      say(CLIENT, family, "SA", true);
      for (const host of [POD, POD_NARROW]) say(host, family, "A");
      for (const host of [POD, POD_NARROW]) say(host, family, "PA");
      expect(twins.compare("at the end").length).toBeGreaterThan(0);
    });

    it("datagrams, and errors about them", async () => {
      await twins.forget();
      const question = ip({ src: POD.ip4, dst: CLIENT.ip4 }, udp({ src: 5000, dst: 53 }, zeros(8)));
      for (const host of [POD, POD_NARROW]) twins.talk.send(host, question);
      twins.talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: POD.ip4 }, icmp4(3, 3, 0, question)));
      twins.talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: POD.ip4 }, udp({ src: 53, dst: 5000 }, zeros(8))));
      for (const host of [POD, POD_NARROW]) twins.talk.send(host, question);
      expect(twins.compare("at the end").length).toBeGreaterThan(0);
    });

    it("connections of zones that were known before", async () => {
      twins.kernel.run("conntrack", ["-F"]);
      const entry = ["-I", "-t", "1000", "-p", "udp", "-s", POD.ip4, "-d", CLIENT.ip4, "--dport", "53", "--sport"];
      for (const known of [["5000"], ["5000", "-w", "5"], ["5001", "--orig-zone", "6"]])
        twins.kernel.run("conntrack", [...entry, ...known]);
      await twins.restart();
      for (const port of [5000, 5001]) {
        const question = ip({ src: POD.ip4, dst: CLIENT.ip4 }, udp({ src: port, dst: 53 }, zeros(8)));
        for (const host of [POD, POD_NARROW]) twins.talk.send(host, question);
        twins.talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: POD.ip4 }, udp({ src: 53, dst: port }, zeros(8))));
      }
      expect(twins.compare("at the end").length).toBeGreaterThanOrEqual(3);
    });
  });
}
