/** A Service's ports can be told apart, by name, by number and on the nodes (validateServicePort and the loops around it). */

import type { Segment } from "../position.ts";
import { duplicateValue, forbidden, invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { qualifiedNameFaults } from "./names.ts";
import type { ServiceSpec } from "./service.ts";

type Port = NonNullable<ServiceSpec["ports"]>[number];

export function checkServicePorts(spec: ServiceSpec, report: Report): void {
  const ports = spec.ports ?? [];
  const seen = { names: new Set<string>(), numbers: new Set<string>(), nodePorts: new Set<string>() };
  for (let index = 0; index < ports.length; index++) {
    const port = ports[index] as Port;
    const path = ["spec", "ports", index];
    checkName(port.name ?? "", ports.length > 1, seen.names, path, report);
    if (port.appProtocol) {
      for (const reason of qualifiedNameFaults(port.appProtocol))
        report({ path: [...path, "appProtocol"], message: invalidValue(port.appProtocol, reason) });
    }
    const protocol = port.protocol || "TCP";
    if (port.nodePort) checkNodePort(port.nodePort, protocol, spec.type || "ClusterIP", seen.nodePorts, path, report);
    const number = `${protocol}/${port.port}`;
    if (seen.numbers.has(number)) report({ path, message: duplicateValue(internalPort(port.port, protocol)) });
    seen.numbers.add(number);
  }
}

/** A name is well-formed by the schema. */
function checkName(
  name: string,
  isRequired: boolean,
  names: Set<string>,
  path: readonly Segment[],
  report: Report,
): void {
  if (name === "") {
    if (isRequired) report({ path: [...path, "name"], message: requiredValue() });
  } else if (names.has(name)) report({ path: [...path, "name"], message: duplicateValue(name) });
  else names.add(name);
}

function checkNodePort(
  nodePort: number,
  protocol: string,
  type: string,
  nodePorts: Set<string>,
  path: readonly Segment[],
  report: Report,
): void {
  const key = `${protocol}/${nodePort}`;
  if (type === "ClusterIP") {
    report({ path: [...path, "nodePort"], message: forbidden("may not be used when `type` is 'ClusterIP'") });
  }
  if (nodePorts.has(key)) report({ path: [...path, "nodePort"], message: duplicateValue(nodePort) });
  nodePorts.add(key);
}

/** The API server prints its own type, of which it has filled in two fields. */
function internalPort(port: number, protocol: string): object {
  return { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}
