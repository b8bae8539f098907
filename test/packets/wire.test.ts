/** Without a node: packets pass as over a bridge, translated, but not routed. */

import { describe, expect, test } from "vitest";
import { kubeProxy } from "../kernel/rules.ts";
import { EMPTY, FAMILIES, type Family, WEB } from "../kernel/services.ts";
import { CLIENT, POD, POD_BESIDE } from "../kernel/world.ts";
import { BUILDS, TestNode } from "../support/engine.ts";
import { ip } from "../support/packet.ts";
import { BARE_WIRE } from "../support/plain-node.ts";
import { tcp, udp } from "../support/transport.ts";

describe.each(BUILDS)("%s engine", (build) => {
  const wire = () => TestNode.create({ build, ruleset: kubeProxy(), network: BARE_WIRE });

  test.each(
    FAMILIES,
  )("a pod's packets to a ClusterIP go to the endpoint with their TTL, and back (%s)", async (family: Family) => {
    const under = await wire();
    const ask = udp({ src: 4000, dst: WEB.port }, Uint8Array.of(1));
    const asked = udp({ src: 4000, dst: WEB.targetPort }, Uint8Array.of(1));
    const reply = udp({ src: WEB.targetPort, dst: 4000 }, Uint8Array.of(2));
    const replied = udp({ src: WEB.port, dst: 4000 }, Uint8Array.of(2));
    const there = under.receive("any", ip({ src: POD_BESIDE[family], dst: WEB[family] }, ask));
    expect(there).toMatchObject({ verdict: "forward", ct: "new" });
    expect(there.packet).toEqual(ip({ src: POD_BESIDE[family], dst: POD[family] }, asked));
    const back = under.receive("any", ip({ src: POD[family], dst: POD_BESIDE[family] }, reply));
    expect(back).toMatchObject({ verdict: "forward", ct: "established" });
    expect(back.packet).toEqual(ip({ src: WEB[family], dst: POD_BESIDE[family] }, replied));
  });

  test("a TTL of one passes", async () => {
    const packet = ip({ src: POD.ip4, dst: CLIENT.ip4, ttl: 1 }, tcp({ src: 1, dst: 2, flags: "S" }));
    expect(await wire().then((under) => under.receive("any", packet))).toMatchObject({ verdict: "forward", packet });
  });

  test("a Service without endpoints answers in its own name", async () => {
    const packet = ip({ src: POD.ip4, dst: EMPTY.ip4 }, tcp({ src: 1, dst: EMPTY.port, flags: "S" }));
    const { verdict, sent } = (await wire()).receive("any", packet);
    expect(verdict).toBe("reject");
    expect(sent.map((one) => one.packet.subarray(12, 20).join("."))).toEqual([`${EMPTY.ip4}.${POD.ip4}`]);
  });

  test("what is no IP packet passes as it is", async () => {
    const packet = Uint8Array.of(1, 2, 3);
    expect((await wire()).receiveOther(packet)).toMatchObject({ verdict: "forward", reason: "not-ip", packet });
  });

  test("an IP packet that cannot be read passes as it is", async () => {
    const packet = ip({ src: POD.ip4, dst: WEB.ip4, headerDamage: 1 }, tcp({ src: 1, dst: 80, flags: "S" }));
    expect((await wire()).receive("any", packet)).toMatchObject({ verdict: "forward", reason: "ip-checksum", packet });
  });
});
