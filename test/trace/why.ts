/** Why packets reach nobody, one row for each cause. The cluster is that of manifests.ts. */

/** Beyond the cluster. */
export const CLIENT = "203.0.113.5";

/** A packet that is described, and the explanation that its trace has. */
export interface Row {
  readonly name: string;
  readonly from?: string;
  readonly to: string;
  readonly args?: readonly string[];
  readonly cause: string;
  readonly message: RegExp;
  /** One of the details. */
  readonly detail?: RegExp;
  /** The rules decide, and iptables' are others. */
  readonly everyMode?: boolean;
}

export const WHY: readonly Row[] = [
  {
    name: "a Service that works",
    to: "web",
    cause: "endpoint",
    everyMode: true,
    message: /^Service default\/web, port http, by its ClusterIP: endpoint 10\.244\.2\.10:8080$/,
    detail: /^10\.244\.2\.10 \(pod default\/web-1, node2\): ready$/,
  },
  {
    name: "no ready endpoint",
    to: "broken:80",
    cause: "no-ready-endpoint",
    everyMode: true,
    message: /^Service default\/broken, port 80 has no ready endpoint$/,
    detail: /^10\.244\.1\.20 \(pod default\/broken-1, node1\): not ready: ContainersNotReady, containers with unready/,
  },
  {
    name: "a selector that matches no pod",
    to: "nobody:80",
    cause: "selector",
    message: /^the selector of Service default\/nobody, app=nobdy, matches no pod in namespace default$/,
    detail: /^pod client: app=client$/,
  },
  {
    name: "a target port that no container has",
    to: "nameless:80",
    cause: "no-target-port",
    message: /^no container of the pods of Service default\/nameless has a port named "admin"/,
  },
  {
    name: "neither selector nor endpoints",
    to: "manual:80",
    cause: "no-selector",
    message: /no selector, and no EndpointSlice/,
  },
  {
    name: "a port that the Service does not have",
    to: "web:8080",
    cause: "wrong-port",
    everyMode: true,
    message: /^Service default\/web has no port 8080\/TCP$/,
    detail: /^8080 is the target port of port 80: clients use 80$/,
  },
  {
    name: "a port's name that it does not have",
    to: "web:https",
    cause: "wrong-port-name",
    message: /no port named "https"/,
    detail: /^http 80\/TCP$/,
  },
  {
    name: "another protocol",
    to: "web:80",
    args: ["--protocol", "udp"],
    cause: "wrong-protocol",
    message: /for TCP, and the packet is UDP$/,
  },
  {
    name: "a Service with two ports and no port named",
    to: "two",
    cause: "no-port",
    message: /which of the Service's ports/,
    detail: /^b 81\/TCP$/,
  },
  {
    name: "a ping of a ClusterIP",
    to: "web",
    args: ["--protocol", "icmp"],
    cause: "no-ping",
    message: /nobody answers a ping/,
  },
  {
    name: "policy Local for pods, and the endpoint elsewhere",
    to: "inner:80",
    cause: "policy-local",
    everyMode: true,
    message: /internalTrafficPolicy Local, and no ready endpoint on node1/,
    detail: /node2\): ready$/,
  },
  {
    name: "policy Local for clients, and the endpoint elsewhere",
    from: CLIENT,
    to: "192.168.10.11:30080",
    args: ["--node", "node1"],
    cause: "policy-local",
    everyMode: true,
    message: /externalTrafficPolicy Local/,
  },
  {
    name: "a client outside of the source ranges",
    from: CLIENT,
    to: "203.0.113.80:80",
    args: ["--node", "node1"],
    cause: "source-ranges",
    everyMode: true,
    message: /^203\.0\.113\.5 is in none of the source ranges of Service default\/guarded: the firewall drops it$/,
  },
  {
    name: "a node port that a Service does not have",
    from: CLIENT,
    to: "192.168.10.11:80",
    args: ["--node", "node1"],
    cause: "no-node-port",
    message: /Service default\/web, whose port 80 is, is of type ClusterIP and has no node port$/,
  },
  {
    name: "another node's node port",
    from: CLIENT,
    to: "192.168.10.12:30080",
    args: ["--node", "node1"],
    cause: "other-node",
    message: /192\.168\.10\.12 is node node2/,
  },
  {
    name: "a pod that is on another node",
    from: "pod/far",
    to: "web:80",
    args: ["--node", "node1"],
    cause: "wrong-node",
    message: /pod default\/far is on node node2/,
  },
  {
    name: "an address that no Service has",
    to: "10.96.0.99:80",
    cause: "no-such-service",
    message: /no Service has the address 10\.96\.0\.99, though it is in the Services' range 10\.96\.0\.0\/16/,
  },
  {
    name: "a name that nobody has",
    to: "wbe:80",
    cause: "no-such-name",
    message: /no address for "wbe"/,
    detail: /^wbe\.default\.svc\.cluster\.local\. A: NXDOMAIN$/,
  },
  { name: "an ExternalName", to: "elsewhere:80", cause: "external-name", message: /sent to example\.org/ },
  {
    name: "a headless Service without endpoints",
    to: "headless:80",
    cause: "headless",
    message: /headless and has no ready endpoint/,
  },
  {
    name: "a Service that another proxy serves",
    to: "foreign:80",
    cause: "foreign-proxy",
    message: /kube-proxy leaves it to another proxy/,
  },
  {
    name: "a pod's own address",
    to: "pod/web-1:8080",
    cause: "pod",
    message: /10\.244\.2\.10 is pod default\/web-1 on node node2: no Service is asked/,
  },
  {
    name: "flags that no TCP sends",
    to: "web:80",
    args: ["--flags", "SF"],
    cause: "invalid",
    message: /no TCP sends these flags together/,
  },
  {
    name: "a segment that begins nothing",
    to: "web:80",
    args: ["--flags", "SA"],
    cause: "invalid",
    message: /cannot begin a connection/,
  },
  {
    name: "a pod that does not exist",
    from: "pod/nobody",
    to: "web:80",
    cause: "no-such-pod",
    message: /no pod is named default\/nobody/,
  },
  {
    name: "a pod that has no address yet",
    from: "pod/dry",
    to: "web:80",
    cause: "pod-without-address",
    message: /^pod default\/dry has no address yet$/,
  },
  {
    name: "pods that have no address yet",
    to: "dry:80",
    cause: "no-pod-address",
    message: /^the pods of Service default\/dry have no IPv4 address, or have ended$/,
    detail: /^pod dry: Pending$/,
  },
  {
    name: "a source port that is none",
    from: "pod/client:70000",
    to: "web:80",
    cause: "bad-source",
    message: /^"pod\/client:70000" has no port number behind its colon$/,
  },
  {
    name: "a sender and a destination of two families",
    to: "[2001:db8::9]:80",
    cause: "no-common-family",
    message: /^the sender has IPv4 only, and the destination 2001:db8::9$/,
  },
  {
    name: "a node that has no address of the destination's family",
    from: "node",
    to: "[2001:db8::9]:80",
    args: ["--node", "node1"],
    cause: "no-source-address",
    message: /^node node1 has no IPv6 address to send from$/,
  },
  {
    name: "an address of a family that the Service does not have",
    from: "2001:db8::5",
    to: "[2001:db8:1::1]:80",
    args: ["--node", "node1"],
    cause: "not-served",
    message: /^Service default\/ahead has no IPv6 address, so kube-proxy writes no IPv6 rules for it$/,
  },
  {
    name: "a load balancer that takes its packets itself",
    from: CLIENT,
    to: "203.0.113.81:80",
    args: ["--node", "node1"],
    cause: "load-balancer-proxy",
    message: /^203\.0\.113\.81 of Service default\/ahead, port 80 has ipMode Proxy: the load balancer itself takes/,
  },
  {
    name: "a node port at another of the node's addresses",
    from: CLIENT,
    to: "192.0.2.11:30080",
    args: ["--node", "node1"],
    cause: "node-port-address",
    message: /^node ports are served at 192\.168\.10\.11 of node1 only, and not at 192\.0\.2\.11$/,
  },
];
