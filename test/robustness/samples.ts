/** One frame of every kind that the engine takes apart: the material that is cut, bent and shuffled. */

import { NARROW, TWINS, WEB } from "../kernel/services.ts";
import { CLIENT, NODE, NODE_MACS, POD } from "../kernel/world.ts";
import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { frame, type Header, ip, type Payload } from "../support/packet.ts";
import { icmp4, icmp6, raw, sctp, tcp, udp } from "../support/transport.ts";

const FAMILIES = ["ip4", "ip6"] as const;
const OPTIONS_4 = Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 68, 8, 5, 0, 0, 0, 0, 0, 0);
const TCP_OPTIONS = Uint8Array.of(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 3, 3, 7, 1);
const EXTENSIONS = [
  { protocol: 0, bytes: concat([0, 0, 5, 2, 0, 0, 1, 0]) },
  { protocol: 60, bytes: concat([0, 0, 1, 4, 0, 0, 0, 0]) },
  { protocol: 43, bytes: concat([0, 2, 0, 0], zeros(20)) },
  { protocol: 44, bytes: concat([0, 0, 0, 0, 0, 0, 0, 9]) },
];

/** Name → frame, as a client sends it to the node's uplink. */
export function sampleFrames(): Record<string, Uint8Array> {
  const samples: Record<string, Uint8Array> = {};
  for (const family of FAMILIES) {
    const put = (name: string, dst: string, payload: Payload, header: Header = {}) => {
      samples[`${family} ${name}`] = toNode(ip({ ...header, src: CLIENT[family], dst }, payload));
    };
    const message = family === "ip4" ? icmp4 : icmp6;
    const inner = ip({ src: CLIENT[family], dst: WEB[family] }, udp({ src: 1000, dst: WEB.port }, zeros(8)));
    put("TCP", WEB[family], tcp({ src: 1000, dst: WEB.port, flags: "S", options: TCP_OPTIONS }));
    put("TCP to the node", NODE[family], tcp({ src: 1000, dst: 22, flags: "A", ack: 7 }, zeros(5)));
    put("UDP", TWINS[family], udp({ src: 1000, dst: TWINS.port }, zeros(9)));
    put(
      "SCTP",
      WEB[family],
      sctp(
        { src: 1000, dst: WEB.port, tag: 0 },
        { type: 1, value: concat(uint32(1), uint32(2), uint16(3), uint16(4), uint32(5)) },
      ),
    );
    put("an echo request", POD[family], message(family === "ip4" ? 8 : 128, 0, 9, zeros(6)));
    put("an ICMP error", CLIENT[family], message(family === "ip4" ? 3 : 1, 3, 0, inner));
    put("GRE", POD[family], raw(47, zeros(12)));
    put("TTL 1", NARROW[family], udp({ src: 1000, dst: NARROW.port }, zeros(9)), { ttl: 1, hopLimit: 1 });
    put("options or extension headers", WEB[family], udp({ src: 1000, dst: WEB.port }, zeros(9)), {
      options: OPTIONS_4,
      extensions: EXTENSIONS,
    });
    const whole = ip({ src: CLIENT[family], dst: WEB[family] }, udp({ src: 1000, dst: WEB.port }, zeros(40)));
    fragments(whole, evenPieces(48, 16), 5).forEach((fragment, index) => {
      samples[`${family} fragment ${index}`] = toNode(fragment);
    });
  }
  return samples;
}

function toNode(packet: Uint8Array): Uint8Array {
  return frame(CLIENT.mac, NODE_MACS.eth0, packet);
}
