/** Questions at the edges of the stack: broadcast senders, odd checksums, headers spread over fragments. */

import { addressBytes } from "../support/address.ts";
import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { type Extension, ip, ip6 } from "../support/packet.ts";
import { icmp4, raw, tcp, udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import type { Conversation } from "./conversation.ts";
import { kubeProxy, kubeProxyDroppingInvalid } from "./rules.ts";
import { EMPTY, type Family, UNALLOCATED, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_NARROW, ROUTER } from "./world.ts";

const FRAGMENT = 44;
const MORE = 1;
const UDP = 17;
const UDPLITE = 136;
/** Where the checksum stands in UDP and UDP-Lite. */
const CHECKSUM = 6;

const fragmentHeader = (offset: number, id: number): Extension => ({
  protocol: FRAGMENT,
  bytes: concat([0, 0], uint16(offset), uint32(id)),
});

/**
 * A UDP-Lite datagram (RFC 3828) whose checksum covers `coverage` bytes; 0: all. The pseudo header under the checksum
 * names `protocol`; 0: there is no checksum.
 */
function udpLite(src: string, dst: string, coverage: number, protocol: number) {
  const bytes = concat(uint16(7000), uint16(WEB.port), uint16(coverage), [0, 0], zeros(25).fill(0x61));
  const covered = coverage === 0 ? bytes : bytes.subarray(0, coverage);
  const pseudo = concat(addressBytes(src), addressBytes(dst), uint32(bytes.length), uint32(protocol));
  if (protocol !== 0) bytes.set(uint16(internetChecksum(concat(pseudo, covered))), CHECKSUM);
  return ip({ src, dst }, raw(UDPLITE, bytes));
}

function liteDatagrams(
  talk: Conversation,
  host: Host,
  family: Family,
  targets: readonly { ip4: string; ip6: string }[],
): void {
  for (const target of targets) {
    for (const coverage of [0, 1, 7, 8, 9, 32, 33, 34, 65535]) {
      for (const protocol of [0, UDP, UDPLITE])
        talk.send(host, udpLite(host[family], target[family], coverage, protocol));
    }
  }
}

agree("edges", { ruleset: kubeProxy() }, [
  {
    name: "the node answers senders with broadcast addresses",
    only: "ip4",
    play: (talk) => {
      for (const src of ["192.168.10.255", "192.168.10.0", "10.244.1.255"]) {
        for (const host of [CLIENT, POD]) {
          talk.send(host, ip({ src, dst: NODE.ip4 }, udp({ src: 7000, dst: 81 })));
          talk.send(host, ip({ src, dst: NODE.ip4 }, tcp({ src: 7000, dst: 81, flags: "S" })));
          talk.send(host, ip({ src, dst: NODE.ip4 }, icmp4(8, 0, 0x10001, zeros(8))));
          talk.send(host, ip({ src, dst: WEB.ip4 }, udp({ src: 7000, dst: 81 })));
          talk.send(host, ip({ src, dst: WEB.ip4 }, tcp({ src: 7000, dst: 81, flags: "S" })));
        }
      }
    },
  },
  {
    name: "errors about packets whose senders are not where they came from",
    play: (talk, family) => {
      for (const host of [CLIENT, POD, POD_NARROW]) {
        for (const sender of [CLIENT, ROUTER, POD, POD_NARROW, { ip4: "10.244.77.7", ip6: "fd00:244:2:3e::10" }]) {
          const own = { src: sender[family], dst: CLIENT[family], ttl: 1, hopLimit: 1 };
          talk.send(host, ip(own, udp({ src: 7000, dst: 81 })));
          talk.send(host, ip({ ...own, dst: UNALLOCATED[family], ttl: 64, hopLimit: 64 }, udp({ src: 7000, dst: 81 })));
          talk.send(host, ip({ ...own, dst: EMPTY[family], ttl: 64, hopLimit: 64 }, udp({ src: 7000, dst: 80 })));
        }
      }
    },
  },
  {
    name: "UDP-Lite without a checksum, with too little or too much coverage",
    play: (talk, family) => liteDatagrams(talk, CLIENT, family, [POD, NODE, WEB]),
  },
  {
    name: "first fragments without their whole transport header",
    only: "ip6",
    play: (talk) => {
      for (const dst of [NODE.ip6, WEB.ip6, POD.ip6]) {
        for (const { protocol, bytes } of [
          tcp({ src: 7000, dst: 81, flags: "S" }),
          udp({ src: 7000, dst: 81 }, zeros(12)),
        ]) {
          for (const length of [0, 1, 4, 7, 8, 12, 16, 19, 20]) {
            const own = { src: CLIENT.ip6, dst };
            const first = raw(protocol, bytes.subarray(0, length));
            talk.send(CLIENT, ip6({ ...own, extensions: [fragmentHeader(MORE, 7 + length)] }, first));
            talk.send(CLIENT, ip6({ ...own, extensions: [fragmentHeader(0, 700 + length)] }, first));
          }
        }
      }
    },
  },
]);

agree("edges, invalid packets dropped", { ruleset: kubeProxyDroppingInvalid() }, [
  {
    name: "UDP-Lite without a checksum, with too little or too much coverage",
    play: (talk, family) => liteDatagrams(talk, CLIENT, family, [POD, NODE, WEB]),
  },
  {
    name: "the answer to a ping is nothing but zeros",
    only: "ip4",
    play: (talk) => {
      talk.send(POD, ip({ src: POD.ip4, dst: CLIENT.ip4 }, icmp4(8, 0, 0, zeros(8))));
      talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: POD.ip4 }, raw(1, zeros(16))));
      talk.send(CLIENT, ip({ src: CLIENT.ip4, dst: POD.ip4 }, raw(1, concat([0, 0], uint16(1), zeros(12)))));
    },
  },
]);
