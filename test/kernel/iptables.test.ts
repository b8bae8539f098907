/** kube-proxy's iptables mode: the same Services, loaded into the kernel by iptables-restore. */

import type { Cluster } from "../../src/cluster/types.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { zeros } from "../support/bytes.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { answerTo, type Conversation, type Ends, playTcp, segments } from "./conversation.ts";
import { CLUSTER, EMPTY, type Family, NARROW, PROXY_CONFIGURATION, PROXY_NODE, TWINS, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

const AFFINITY_SECONDS = 1;
const MILLISECONDS = 1000;

const HANDSHAKE = segments("> S", "< SA", "> A");
const TALK = [...HANDSHAKE, ...segments("> PA 100", "< PA 1000", "> A", "> FA", "< FA", "> A")];

function kubeProxy(cluster: Cluster = CLUSTER, localhostNodePorts = false): Ruleset {
  return generateIptables(cluster, PROXY_NODE, { ...PROXY_CONFIGURATION, mode: "iptables", localhostNodePorts });
}

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort: number): Ends {
  return { src: client[family], dst: target[family], srcPort: 40000, dstPort };
}

/** A new connection from each of several ports; the endpoint answers. */
function connectOften(talk: Conversation, client: Host, own: Ends, times: number): void {
  for (let n = 0; n < times; n++) {
    const from = { ...own, srcPort: own.srcPort + n };
    const sent = talk.say(client, from, tcp({ src: from.srcPort, dst: from.dstPort, flags: "S", seq: n }));
    for (const server of [POD, POD_BESIDE]) {
      const answer = answerTo(sent.find((one) => one.link === server.link));
      if (answer?.src !== server.ip4 && answer?.src !== server.ip6) continue;
      talk.say(server, answer, tcp({ src: answer.srcPort, dst: answer.dstPort, flags: "SA", seq: 1, ack: n + 1 }));
    }
  }
}

const SERVICES: readonly Scenario[] = [
  {
    name: "a pod talks to a ClusterIP",
    play: (talk, family) =>
      playTcp(talk, { client: POD_NARROW, server: POD }, ends(POD_NARROW, WEB, family, WEB.port), TALK),
  },
  {
    name: "a client talks to a node port",
    play: (talk, family) =>
      playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, NODE, family, WEB.nodePort), TALK),
  },
  {
    name: "a pod that reaches itself is masqueraded",
    play: (talk, family) => playTcp(talk, { client: POD, server: POD }, ends(POD, WEB, family, WEB.port), TALK),
  },
  {
    name: "two endpoints share the connections",
    play: (talk, family) => connectOften(talk, POD_NARROW, ends(POD_NARROW, TWINS, family, TWINS.port), 12),
  },
  {
    name: "UDP through a ClusterIP and a node port",
    play: (talk, family) => {
      for (const own of [ends(POD_NARROW, WEB, family, WEB.port), ends(CLIENT, NODE, family, NARROW.nodePort)]) {
        const host = own.src === CLIENT[family] ? CLIENT : POD_NARROW;
        const payload = udp({ src: own.srcPort, dst: own.dstPort }, zeros(20));
        for (let n = 0; n < 3; n++) talk.say(host, own, payload);
      }
    },
  },
  {
    name: "a Service without endpoints rejects pods and clients",
    play: (talk, family) => {
      const own = [ends(POD, EMPTY, family, EMPTY.port), ends(CLIENT, NODE, family, EMPTY.nodePort)] as const;
      talk.say(POD, own[0], tcp({ src: 40000, dst: EMPTY.port, flags: "S" }));
      talk.say(CLIENT, own[1], tcp({ src: 40000, dst: EMPTY.nodePort, flags: "S" }));
      talk.say(CLIENT, own[1], udp({ src: 40000, dst: EMPTY.nodePort }));
    },
  },
  {
    name: "a packet that conntrack calls invalid is not forwarded",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      talk.say(POD_NARROW, own, tcp({ src: own.srcPort, dst: own.dstPort, flags: "" }));
      talk.say(POD_NARROW, own, tcp({ src: own.srcPort, dst: own.dstPort, flags: "SF" }));
      const reply = family === "ip4" ? icmp4(0, 0, 1) : icmp6(129, 0, 1);
      talk.say(POD_NARROW, ends(POD_NARROW, POD, family, 0), reply);
      playTcp(talk, { client: POD_NARROW, server: POD }, own, [
        ...HANDSHAKE,
        { from: "client", flags: "PA", data: 10, seqOff: 1_000_000 },
        ...segments("> PA 10", "< A"),
      ]);
    },
  },
];

agree("iptables mode", { ruleset: kubeProxy(), tool: "iptables" }, SERVICES);

/** kube-proxy turns route_localnet on for node ports at localhost, and guards it with a rule of KUBE-FIREWALL. */
agree(
  "iptables mode with node ports at localhost",
  { ruleset: kubeProxy(CLUSTER, true), tool: "iptables", sysctls: { "net.ipv4.conf.all.route_localnet": 1 } },
  [
    {
      name: "packets from elsewhere to localhost are dropped, those without a connection, too",
      only: "ip4",
      play: (talk) => {
        for (const flags of ["S", "A", "", "SF"]) {
          const own = { src: CLIENT.ip4, dst: "127.0.0.1", srcPort: 40000, dstPort: 22 };
          talk.say(CLIENT, own, tcp({ src: own.srcPort, dst: own.dstPort, flags }));
        }
        for (const flags of ["S", ""]) {
          const own = ends(CLIENT, NODE, "ip4", 22);
          talk.say(CLIENT, own, tcp({ src: own.srcPort, dst: own.dstPort, flags }));
        }
      },
    },
  ],
);

const sticky: Cluster = {
  ...CLUSTER,
  services: CLUSTER.services.map((service) => ({ ...service, affinityTimeoutSeconds: AFFINITY_SECONDS })),
};

agree("iptables mode with session affinity", { ruleset: kubeProxy(sticky), tool: "iptables" }, [
  {
    name: "clients keep their endpoints as long as the last connection is recent",
    play: (talk, family) => {
      const clients: readonly Host[] = [POD_NARROW, CLIENT, POD];
      for (const pause of [0, 0.6, 0.6, 1.2, 0]) {
        sleep(pause);
        for (const [n, client] of clients.entries()) {
          connectOften(talk, client, { ...ends(client, TWINS, family, TWINS.port), srcPort: nextPort(n) }, 3);
        }
      }
    },
  },
]);

let portsUsed = 0;

/** Ports that no connection of the test has had. */
function nextPort(client: number): number {
  portsUsed += 10;
  return 41000 + client * 1000 + (portsUsed % 1000);
}

function sleep(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * MILLISECONDS);
}
