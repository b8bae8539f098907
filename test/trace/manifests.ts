/** A small cluster as manifests, for traces of described packets: two nodes, a client, and Services with all that can be wrong. */

const NODES = `
{apiVersion: v1, kind: Node, metadata: {name: node1}, spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]},
 status: {addresses: [{type: InternalIP, address: 192.168.10.11}, {type: ExternalIP, address: 192.0.2.11}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: node2}, spec: {podCIDR: 10.244.2.0/24, podCIDRs: [10.244.2.0/24]},
 status: {addresses: [{type: InternalIP, address: 192.168.10.12}]}}
`;

const PODS = [
  pod("client", "10.244.1.5", "node1"),
  pod("far", "10.244.2.5", "node2"),
  pod("web-1", "10.244.2.10", "node2", "web"),
  pod("broken-1", "10.244.1.20", "node1", "broken", { ready: false }),
  pod("nameless-1", "10.244.1.30", "node1", "nameless"),
  "{apiVersion: v1, kind: Pod, metadata: {name: dry, labels: {app: dry}}, spec: {nodeName: node1}, status: {phase: Pending}}",
];

const SERVICES = [
  service("web", "selector: {app: web}, clusterIP: 10.96.0.10, ports: [{name: http, port: 80, targetPort: 8080}]"),
  service("broken", "selector: {app: broken}, clusterIP: 10.96.0.11, ports: [{port: 80, targetPort: 8080}]"),
  service("nobody", "selector: {app: nobdy}, clusterIP: 10.96.0.12, ports: [{port: 80}]"),
  service("nameless", "selector: {app: nameless}, clusterIP: 10.96.0.13, ports: [{port: 80, targetPort: admin}]"),
  service("manual", "clusterIP: 10.96.0.14, ports: [{port: 80}]"),
  service(
    "inner",
    "selector: {app: web}, clusterIP: 10.96.0.15, internalTrafficPolicy: Local, ports: [{port: 80, targetPort: 8080}]",
  ),
  service(
    "outer",
    `type: NodePort, selector: {app: web}, clusterIP: 10.96.0.16, externalTrafficPolicy: Local,
     ports: [{port: 80, targetPort: 8080, nodePort: 30080}]`,
  ),
  service(
    "guarded",
    `type: LoadBalancer, selector: {app: web}, clusterIP: 10.96.0.17, loadBalancerSourceRanges: [198.51.100.0/24],
     ports: [{port: 80, targetPort: 8080, nodePort: 30081}]`,
    "{loadBalancer: {ingress: [{ip: 203.0.113.80}]}}",
  ),
  service(
    "ahead",
    `type: LoadBalancer, selector: {app: web}, clusterIP: 10.96.0.20, externalIPs: ["2001:db8:1::1"],
     ports: [{port: 80, targetPort: 8080, nodePort: 30082}]`,
    "{loadBalancer: {ingress: [{ip: 203.0.113.81, ipMode: Proxy}]}}",
  ),
  service("dry", "selector: {app: dry}, clusterIP: 10.96.0.21, ports: [{port: 80}]"),
  service("elsewhere", "type: ExternalName, externalName: example.org"),
  service("headless", "clusterIP: None, selector: {app: nobdy}, ports: [{port: 80}]"),
  service("two", "selector: {app: web}, clusterIP: 10.96.0.18, ports: [{name: a, port: 80}, {name: b, port: 81}]"),
  service("foreign", "selector: {app: web}, clusterIP: 10.96.0.19, ports: [{port: 80}]").replace(
    "{name: foreign",
    "{labels: {service.kubernetes.io/service-proxy-name: other}, name: foreign",
  ),
];

const CIDR =
  "{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: kubernetes}, spec: {cidrs: [10.96.0.0/16]}}";

export const MANIFESTS = [NODES, ...PODS, ...SERVICES, CIDR].join("\n---\n");

function pod(name: string, address: string, node: string, app = name, { ready = true } = {}): string {
  const condition = ready
    ? '{type: Ready, status: "True"}'
    : '{type: Ready, status: "False", reason: ContainersNotReady, message: "containers with unready status: [main]"}';
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}},
 spec: {nodeName: ${node}, containers: [{name: main, image: example.org/main, ports: [{name: http, containerPort: 8080}]}]},
 status: {phase: Running, podIP: ${address}, podIPs: [{ip: ${address}}], conditions: [${condition}]}}`;
}

function service(name: string, spec: string, status = "{}"): string {
  return `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {${spec}}, status: ${status}}`;
}
