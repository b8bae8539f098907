/** What the schema of a Pod cannot say, as far as endpoints depend on it: containers, their ports, addresses (ValidatePodSpec). */

import { canonicalAddress, familyOf } from "../../network/address.ts";
import type { V1Pod } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import { duplicateValue, forbidden, invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { labelFaults, portNameFaults, subdomainFaults } from "./names.ts";

type Spec = NonNullable<V1Pod["spec"]>;
type Container = Spec["containers"][number];

const POD_IPS_MAX = 2;

/** Valid only for an object whose fields are of their types. */
export function checkPod({ spec, status }: V1Pod, report: Report): void {
  if (spec) checkPodSpec(spec, ["spec"], report);
  if (spec?.nodeName && (spec.schedulingGates ?? []).length > 0) {
    const message = forbidden("cannot be set until all schedulingGates have been cleared");
    report({ path: ["spec", "nodeName"], message });
  }
  checkPodIps(status?.podIPs ?? [], report);
}

/** Also for the template of a workload. */
export function checkPodSpec(spec: Spec, path: readonly Segment[], report: Report): void {
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  for (const field of ["containers", "initContainers"] as const) {
    for (const [index, container] of (spec[field] ?? []).entries()) {
      const at = [...path, field, index];
      checkContainerName(container.name, names, at, report);
      checkPorts(container, spec.hostNetwork === true, at, report);
      if (field === "containers") checkHostPorts(container, hostPorts, at, report);
    }
  }
  const labels = { hostname: spec.hostname, subdomain: spec.subdomain };
  for (const [field, value] of Object.entries(labels)) {
    if (!value) continue;
    for (const reason of labelFaults(value)) report({ path: [...path, field], message: invalidValue(value, reason) });
  }
  for (const reason of spec.nodeName ? subdomainFaults(spec.nodeName) : []) {
    report({ path: [...path, "nodeName"], message: invalidValue(spec.nodeName, reason) });
  }
}

function checkContainerName(name: string, names: Set<string>, path: readonly Segment[], report: Report): void {
  if (!name) return;
  for (const reason of labelFaults(name)) report({ path: [...path, "name"], message: invalidValue(name, reason) });
  if (names.has(name)) report({ path: [...path, "name"], message: duplicateValue(name) });
  names.add(name);
}

function checkPorts({ ports }: Container, isHostNetwork: boolean, path: readonly Segment[], report: Report): void {
  const names = new Set<string>();
  for (const [index, { name, containerPort, hostPort }] of (ports ?? []).entries()) {
    const at = [...path, "ports", index];
    if (name) {
      const reasons = portNameFaults(name);
      for (const reason of reasons) report({ path: [...at, "name"], message: invalidValue(name, reason) });
      if (reasons.length === 0 && names.has(name)) report({ path: [...at, "name"], message: duplicateValue(name) });
      names.add(name);
    }
    if (isHostNetwork && hostPort && hostPort !== containerPort) {
      const message = invalidValue(containerPort, "must match `hostPort` when `hostNetwork` is true");
      report({ path: [...at, "containerPort"], message });
    }
  }
}

/** checkHostPortConflicts: a pod does not take the same port of its node twice. */
function checkHostPorts({ ports }: Container, taken: Set<string>, path: readonly Segment[], report: Report): void {
  for (const [index, { protocol, hostIP, hostPort }] of (ports ?? []).entries()) {
    if (!hostPort) continue;
    const key = `${protocol || "TCP"}/${hostIP ?? ""}/${hostPort}`;
    if (taken.has(key)) report({ path: [...path, "ports", index, "hostPort"], message: duplicateValue(key) });
    taken.add(key);
  }
}

function checkPodIps(podIps: readonly { ip?: string }[], report: Report): void {
  const path = ["status", "podIPs"];
  const addresses = podIps.map(({ ip }) => ip ?? "");
  if (addresses.some((address) => canonicalAddress(address) === undefined)) return;
  const internal = addresses.map((address) => ({ IP: address }));
  if (addresses.length > POD_IPS_MAX || new Set(addresses.map(familyOf)).size < addresses.length) {
    report({ path, message: invalidValue(internal, "may specify no more than one IP for each IP family") });
  }
  for (const [index, address] of addresses.entries()) {
    if (addresses.indexOf(address) < index)
      report({ path: [...path, index], message: duplicateValue(internal[index]) });
  }
}
