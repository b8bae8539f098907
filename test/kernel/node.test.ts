/** The kernel node itself: what the other kernel tests rely on. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { text } from "../support/bytes.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { frame, ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { CLIENT, LINKS, NODE_MACS, POD, ROUTES } from "./world.ts";

describeKernel("a kernel node", () => {
  let node: KernelNode;
  beforeAll(() => {
    node = new KernelNode({ links: LINKS, routes: ROUTES });
  });
  afterAll(() => node.close());

  for (const family of ["ip4", "ip6"] as const) {
    it(`forwards an ${family} packet with its TTL decremented`, () => {
      const { src, dst } = { src: CLIENT[family], dst: POD[family] };
      const datagram = udp({ src: 4000, dst: 53 }, text("question"));
      const sent = node.inject(
        "eth0",
        frame(CLIENT.mac, NODE_MACS.eth0, ip({ src, dst, ttl: 64, hopLimit: 64 }, datagram)),
      );
      const expected = frame(NODE_MACS.pod0, POD.mac, ip({ src, dst, ttl: 63, hopLimit: 63 }, datagram));
      expect(sent).toEqual([{ link: "pod0", frame: expected }]);
    });
  }

  it("says nothing to a frame for somebody else", () => {
    const packet = ip({ src: CLIENT.ip4, dst: POD.ip4 }, udp({ src: 4000, dst: 53 }));
    expect(node.inject("eth0", frame(CLIENT.mac, "02:00:00:00:09:09", packet))).toEqual([]);
  });

  it("describes itself as a snapshot", () => {
    const files = node.snapshot();
    expect(JSON.parse(files["link.json"]!).map((link: { ifname: string }) => link.ifname)).toContain("eth0");
    expect(files["sysctl.txt"]).toContain("net.ipv4.ip_forward = 1");
  });
});
