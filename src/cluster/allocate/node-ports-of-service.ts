/** A Service's node ports, and the one that tells load balancers whether the node has endpoints. */

import type { ServiceSpec } from "./defaults.ts";
import type { NodePortAllocator } from "./node-port.ts";
import type { ReportField } from "./services.ts";

type Port = NonNullable<ServiceSpec["ports"]>[number];

const FULL = "Internal error occurred: failed to allocate a nodePort: range is full";

/** Ports of one Service that differ in protocol only share their node port. */
export function reserveNodePorts(spec: ServiceSpec, allocator: NodePortAllocator, report: ReportField): void {
  const own = new Map<number, number>();
  for (const [index, { port, nodePort }] of (spec.ports ?? []).entries()) {
    if (!nodePort || own.get(port) === nodePort) continue;
    own.set(port, nodePort);
    refuse(allocator.reserve(nodePort), `spec.ports[${index}].nodePort`, nodePort, report);
  }
  const { healthCheckNodePort } = spec;
  if (healthCheckNodePort)
    refuse(allocator.reserve(healthCheckNodePort), "spec.healthCheckNodePort", healthCheckNodePort, report);
}

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

function refuse(fault: string | undefined, path: string, port: number, report: ReportField): void {
  if (fault !== undefined) report(path, `Invalid value: ${port}: ${fault}`);
}
