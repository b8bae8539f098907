/** A KubeProxyConfiguration, as kube-proxy reads it: defaults filled in, unknown fields warned about. */

import { canonicalAddress, familyOf } from "../network/address.ts";
import { canonicalCidr } from "../network/prefix.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { type Document, readDocuments } from "./documents.ts";
import { problemOf } from "./problem.ts";
import { PROXY_CONFIGURATION } from "./schema/proxy-configuration.ts";
import type { Problem } from "./types.ts";
import { invalidValue } from "./validate/errors.ts";
import { checkFields, isMapping } from "./validate/fields.ts";
import type { Report } from "./validate/finding.ts";

const API_VERSION = "kubeproxy.config.k8s.io/v1alpha1";
const KIND = "KubeProxyConfiguration";
const MASQUERADE_BIT = 14;
const MASQUERADE_BIT_MAX = 31;
/** The node's primary addresses, whatever they are (nodePortAddresses). */
const PRIMARY = "primary";

export interface ProxyConfigurationFile {
  readonly configuration: ProxyConfiguration;
  /** The name of the Node that this kube-proxy serves. */
  readonly hostnameOverride?: string;
  /** The node's address, unless it is 0.0.0.0 or ::. */
  readonly bindAddress?: string;
  readonly problems: readonly Problem[];
}

/** The fields that rules depend on; everything else is only checked by name. */
interface Given {
  readonly mode?: string | null;
  readonly hostnameOverride?: string | null;
  readonly bindAddress?: string | null;
  readonly clusterCIDR?: string | null;
  readonly detectLocalMode?: ProxyConfiguration["detectLocalMode"] | "" | null;
  readonly detectLocal?: { readonly bridgeInterface?: string; readonly interfaceNamePrefix?: string } | null;
  readonly nodePortAddresses?: readonly string[] | null;
  readonly conntrack?: { readonly tcpBeLiberal?: boolean | null } | null;
  readonly iptables?: ModeOptions | null;
  readonly nftables?: ModeOptions | null;
}

interface ModeOptions {
  readonly masqueradeAll?: boolean | null;
  readonly masqueradeBit?: number | null;
  readonly localhostNodePorts?: boolean | null;
}

/**
 * An empty text is no configuration: then the mode is nftables. A configuration that names no mode means iptables, as in
 * kube-proxy. `mode` overrides what the configuration names.
 */
export function readProxyConfiguration(
  text: string,
  fileName: string,
  mode?: ProxyConfiguration["mode"],
): ProxyConfigurationFile {
  const defaults = configurationOf({ mode: mode ?? "nftables" });
  if (text === "") return { configuration: defaults, problems: [] };
  const { documents, problems } = readDocuments(text, fileName);
  if (problems.length > 0) return { configuration: defaults, problems };
  const document = documents.find(({ value }) => isMapping(value) && value.kind === KIND);
  if (document === undefined) return { configuration: defaults, problems: [notFound(fileName)] };
  const found = checked(document);
  if (found.some(({ severity }) => severity === "error")) return { configuration: defaults, problems: found };
  const given = document.value as Given;
  const bindAddress = canonicalAddress(given.bindAddress ?? "");
  return {
    configuration: configurationOf(mode === undefined ? given : { ...given, mode }),
    ...(given.hostnameOverride ? { hostnameOverride: given.hostnameOverride } : {}),
    ...(bindAddress === undefined || bindAddress === "0.0.0.0" || bindAddress === "::" ? {} : { bindAddress }),
    problems: found,
  };
}

/** Mode direct, which only `mode` can say, has the options of mode nftables. */
function configurationOf(given: Given): ProxyConfiguration {
  const mode = given.mode === "nftables" || given.mode === "direct" ? given.mode : "iptables";
  const options = given[mode === "direct" ? "nftables" : mode];
  const { bridgeInterface, interfaceNamePrefix } = given.detectLocal ?? {};
  return {
    mode,
    detectLocalMode: given.detectLocalMode || "ClusterCIDR",
    clusterCidrs: cidrList(given.clusterCIDR).flatMap((cidr) => canonicalCidr(cidr) ?? []),
    ...(bridgeInterface ? { bridgeInterface } : {}),
    ...(interfaceNamePrefix ? { interfaceNamePrefix } : {}),
    nodePortAddresses: (given.nodePortAddresses ?? []).map((cidr) => canonicalCidr(cidr) ?? cidr),
    masqueradeAll: options?.masqueradeAll ?? false,
    masqueradeBit: options?.masqueradeBit ?? MASQUERADE_BIT,
    localhostNodePorts: given.iptables?.localhostNodePorts ?? true,
    conntrackTcpLiberal: given.conntrack?.tcpBeLiberal ?? false,
  };
}

/** kube-proxy reads on over fields that it does not know, with a warning; everything else stops it. */
function checked(document: Document): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (finding) => {
    problems.push({
      ...problemOf(document, [], KIND, finding),
      severity: finding.aboutKey === true ? "warning" : "error",
    });
  };
  const value = document.value as Record<string, unknown>;
  if (value.apiVersion !== API_VERSION) {
    const message = `no kind "${KIND}" is registered for version ${JSON.stringify(value.apiVersion ?? "")}`;
    report({ path: ["apiVersion"], message, remedy: `use apiVersion: ${API_VERSION}` });
  }
  checkFields(value, PROXY_CONFIGURATION, report);
  if (problems.every(({ severity }) => severity === "warning")) checkValues(value as Given, report);
  return problems;
}

function checkValues(given: Given, report: Report): void {
  if (given.mode === "ipvs") report({ path: ["mode"], message: "this version of sluice does not know mode ipvs" });
  checkClusterCidr(given.clusterCIDR, report);
  const addresses = given.nodePortAddresses ?? [];
  for (const [index, address] of addresses.entries()) {
    const path = ["nodePortAddresses", index];
    if (address === PRIMARY) {
      if (addresses.length > 1)
        report({ path, message: invalidValue(address, `can't use both "${PRIMARY}" and CIDRs`) });
    } else if (canonicalCidr(address) === undefined)
      report({ path, message: invalidValue(address, "must be a valid CIDR") });
  }
  for (const mode of ["iptables", "nftables"] as const) {
    const bit = given[mode]?.masqueradeBit ?? MASQUERADE_BIT;
    if (bit >= 0 && bit <= MASQUERADE_BIT_MAX) continue;
    report({
      path: [mode, "masqueradeBit"],
      message: invalidValue(bit, `must be within the range [0, ${MASQUERADE_BIT_MAX}]`),
    });
  }
}

function checkClusterCidr(text: string | null | undefined, report: Report): void {
  const cidrs = cidrList(text);
  const families = cidrs.flatMap((cidr) => (canonicalCidr(cidr) === undefined ? [] : [familyOf(cidr)]));
  const wellFormed = families.length === cidrs.length && new Set(families).size === families.length;
  if (!wellFormed)
    report({ path: ["clusterCIDR"], message: invalidValue(text, "must be one CIDR, or one of each IP family") });
}

function cidrList(text: string | null | undefined): string[] {
  return text ? text.split(",").map((cidr) => cidr.trim()) : [];
}

function notFound(file: string): Problem {
  return {
    severity: "error",
    message: `${file}: no ${KIND} in it`,
    remedy: `it needs apiVersion: ${API_VERSION} and kind: ${KIND}`,
  };
}
