/** A Service's node ports, and the one that tells load balancers whether the node has endpoints. */

import type { ServiceSpec } from "./defaults.ts";
import type { NodePortAllocator } from "./node-port.ts";
import type { ReportField } from "./services.ts";

type Port = NonNullable<ServiceSpec["ports"]>[number];

const FULL = "Internal error occurred: failed to allocate a nodePort: range is full";

export function reserveNodePorts({ ports, healthCheckNodePort }: ServiceSpec, allocator: NodePortAllocator): void {
  for (const { nodePort } of ports ?? []) if (nodePort) allocator.reserve(nodePort);
  if (healthCheckNodePort) allocator.reserve(healthCheckNodePort);
}

/** Ports of one Service that differ in protocol only share their node port. */
export function allocateNodePorts(
  spec: ServiceSpec,
  service: string,
  allocator: NodePortAllocator,
  report: ReportField,
): ServiceSpec {
  const { type, ports = [] } = spec;
  const opens = type === "NodePort" || (type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
  const opened = opens ? { ...spec, ports: openPorts(ports, service, allocator, report) } : spec;
  if (type !== "LoadBalancer" || spec.externalTrafficPolicy !== "Local" || spec.healthCheckNodePort) return opened;
  const healthCheckNodePort = allocator.allocate(`${service} health check`);
  if (healthCheckNodePort !== undefined) return { ...opened, healthCheckNodePort };
  report("spec.healthCheckNodePort", FULL.replace("nodePort", "HealthCheck NodePort"));
  return opened;
}

function openPorts(ports: readonly Port[], service: string, allocator: NodePortAllocator, report: ReportField): Port[] {
  const byPort = new Map(ports.flatMap(({ port, nodePort }) => (nodePort ? [[port, nodePort] as const] : [])));
  return ports.map((given, index) => {
    if (given.nodePort) return given;
    const nodePort = byPort.get(given.port) ?? allocator.allocate(`${service} ${given.port}`);
    if (nodePort === undefined) {
      report(`spec.ports[${index}].nodePort`, FULL);
      return given;
    }
    byPort.set(given.port, nodePort);
    return { ...given, nodePort };
  });
}
