/** Warnings about one object alone: the API server's (pkg/api/service/warnings.go) without the path they start with, and a few of ours. */

import { canonicalAddress } from "../../network/address.ts";
import { canonicalCidr } from "../../network/prefix.ts";
import type { V1EndpointSlice, V1Service } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import type { Report } from "../validate/finding.ts";
import type { ServiceSpec } from "../validate/service.ts";
import { clusterIpsOf, isHeadless, writtenAt } from "../validate/service-addresses.ts";

const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
const NODE_PORT_MIN = 30000;
const NODE_PORT_MAX = 32767;

export function lintService({ metadata, spec: given }: V1Service, report: Report): void {
  const spec = given ?? {};
  const annotations = metadata?.annotations ?? {};
  if (Object.hasOwn(annotations, TOPOLOGY_HINTS)) {
    const message = `annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`;
    report({ path: ["metadata", "annotations", TOPOLOGY_HINTS], message });
  }
  if (/^\d/.test(metadata?.name ?? "")) {
    report({ path: ["metadata", "name"], message: "starts with a digit: not accepted before Kubernetes 1.36" });
  }
  lintAddresses(spec, report);
  lintExternalName(spec, report);
  if (isHeadless(spec)) lintHeadless(spec, report);
  lintNodePorts(spec, report);
  if (spec.trafficDistribution === "PreferClose") {
    report({ path: ["spec", "trafficDistribution"], message: '"PreferClose" is deprecated; use "PreferSameZone"' });
  }
}

export function lintEndpointSlice(slice: V1EndpointSlice, report: Report): void {
  if (slice.addressType === "FQDN") report({ path: ["addressType"], message: "FQDN type is deprecated." });
}

function lintAddresses(spec: ServiceSpec, report: Report): void {
  const clusterIps = clusterIpsOf(spec);
  for (const [index, address] of clusterIps.entries()) {
    lintSpelling(address, ["spec", "clusterIPs", index], (finding) => report({ ...finding, ...writtenAt(spec) }));
  }
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    lintSpelling(address, ["spec", "externalIPs", index], report);
  }
  for (const [index, text] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    const network = canonicalCidr(text.trim());
    const [address] = text.trim().split("/");
    if (network === undefined || network.split("/")[0] === canonicalAddress(address ?? "")) continue;
    const single = `${canonicalAddress(address ?? "")}/${text.includes(":") ? 128 : 32}`;
    const message = `CIDR value "${text}" is ambiguous in this context (should be "${network}" or "${single}"?)`;
    const remedy = "Kubernetes 1.36 refuses it in new Services: must not have bits set beyond the prefix length";
    report({ path: ["spec", "loadBalancerSourceRanges", index], message, remedy });
  }
  if ((spec.externalIPs ?? []).length > 0 && !isHeadless(spec) && spec.type !== "ExternalName") {
    const message = "deprecated and may no longer be implemented in some clusters";
    const remedy = "whoever may create Services can take any address's traffic with them (CVE-2020-8554)";
    report({ path: ["spec", "externalIPs"], message, remedy });
  }
  if (spec.loadBalancerIP) {
    lintSpelling(spec.loadBalancerIP, ["spec", "loadBalancerIP"], report);
    const message = "deprecated since v1.24: its meaning depends on the load balancer";
    report({ path: ["spec", "loadBalancerIP"], message });
  }
}

/** GetWarningsForIP. */
function lintSpelling(text: string, path: readonly Segment[], report: Report): void {
  const canonical = canonicalAddress(text);
  if (canonical === undefined || canonical === text) return;
  report({ path, message: `IPv6 address "${text}" should be in RFC 5952 canonical format ("${canonical}")` });
}

function lintExternalName(spec: ServiceSpec, report: Report): void {
  const { type, externalName } = spec;
  if (type !== "ExternalName") {
    if (externalName)
      report({ path: ["spec", "externalName"], message: 'ignored when spec.type is not "ExternalName"' });
    return;
  }
  if ((spec.externalIPs ?? []).length > 0) {
    report({ path: ["spec", "externalIPs"], message: 'ignored when spec.type is "ExternalName"' });
  }
  if (canonicalAddress(externalName ?? "") === undefined) return;
  const remedy = "for an address, use a headless Service without selector and an EndpointSlice";
  report({ path: ["spec", "externalName"], message: "looks like an address, is taken for a name", remedy });
}

function lintHeadless(spec: ServiceSpec, report: Report): void {
  const ignored = "ignored for headless services";
  if (spec.loadBalancerIP) report({ path: ["spec", "loadBalancerIP"], message: ignored });
  if ((spec.externalIPs ?? []).length > 0) report({ path: ["spec", "externalIPs"], message: ignored });
  if (spec.sessionAffinity === "ClientIP") report({ path: ["spec", "sessionAffinity"], message: ignored });
}

/** The range is a flag of the API server: this is its default. */
function lintNodePorts(spec: ServiceSpec, report: Report): void {
  for (const [index, { nodePort }] of (spec.ports ?? []).entries()) {
    if (!nodePort || (nodePort >= NODE_PORT_MIN && nodePort <= NODE_PORT_MAX)) continue;
    const range = `${NODE_PORT_MIN}-${NODE_PORT_MAX}`;
    const message = `provided port is not in the valid range. The range of valid ports is ${range}`;
    const remedy = "unless the API server runs with another --service-node-port-range";
    report({ path: ["spec", "ports", index, "nodePort"], message, remedy });
  }
}
