/** What the schema of a Node cannot say: one pod CIDR for each family, taints that are told apart (ValidateNode). */

import { familyOf } from "../../network/address.ts";
import type { V1Node } from "../kubernetes.ts";
import { duplicateValue, forbidden, invalidValue, requiredValue, unsupportedValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import { labelValueFaults, qualifiedNameFaults } from "./names.ts";

type Taint = NonNullable<NonNullable<V1Node["spec"]>["taints"]>[number];

const CIDRS_MAX = 2;
const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Valid only for an object whose fields are of their types. */
export function checkNode({ spec }: V1Node, report: Report): void {
  const cidrs = spec?.podCIDRs ?? [];
  if (cidrs.length > CIDRS_MAX || new Set(cidrs.map(familyOf)).size < cidrs.length) {
    const message = invalidValue(cidrs, "may specify no more than one CIDR for each IP family");
    report({ path: ["spec", "podCIDRs"], message });
  }
  checkTaints(spec?.taints ?? [], report);
}

/** Ranges are given once; a manifest that does not name them keeps them. Addresses are looked at only here, as by the API server. */
export function checkNodeUpdate(after: V1Node, before: V1Node, report: Report): void {
  checkAddresses(after.status?.addresses ?? [], report);
  const given = podCidrsOf(after);
  const former = podCidrsOf(before);
  if (former.length > 0 && given.length > 0 && String(given) !== String(former)) {
    const message = forbidden('node updates may not change podCIDR except from "" to valid');
    const at = after.spec?.podCIDRs?.length ? {} : { at: ["spec", "podCIDR"] };
    report({ path: ["spec", "podCIDRs"], ...at, message });
  }
  const providers = [after, before].map(({ spec }) => (spec as { providerID?: unknown } | undefined)?.providerID);
  if (providers[0] && providers[1] && providers[0] !== providers[1]) {
    const message = forbidden('node updates may not change providerID except from "" to valid');
    report({ path: ["spec", "providerID"], message });
  }
}

function podCidrsOf({ spec }: V1Node): readonly string[] {
  return spec?.podCIDRs?.length ? spec.podCIDRs : spec?.podCIDR ? [spec.podCIDR] : [];
}

function checkAddresses(addresses: readonly { type?: string; address?: string }[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { type, address }] of addresses.entries()) {
    const key = `${type}\n${address}`;
    const message = duplicateValue({ Type: type, Address: address });
    if (seen.has(key)) report({ path: ["status", "addresses", index], message });
    seen.add(key);
  }
}

/** The API server says `metadata.taints` where it means `spec.taints`. */
function checkTaints(taints: readonly Taint[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const [key, value, effect] = [taint.key || "", taint.value || "", taint.effect || ""] as const;
    const complain = (field: readonly string[], message: string): void => {
      report(taintFinding([index, ...field], message));
    };
    for (const reason of qualifiedNameFaults(key)) complain(["key"], invalidValue(key, reason));
    const valueFaults = labelValueFaults(value);
    if (valueFaults.length > 0) complain(["value"], invalidValue(value, valueFaults.join(";")));
    if (effect === "") complain(["effect"], requiredValue());
    else if (!EFFECTS.includes(effect)) complain(["effect"], unsupportedValue(effect, EFFECTS));
    if (seen.has(`${effect}\n${key}`)) {
      const internal = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null };
      complain([], duplicateValue(internal, "taints must be unique by key and effect pair"));
    }
    seen.add(`${effect}\n${key}`);
  }
}

function taintFinding(rest: readonly (string | number)[], message: string): Finding {
  return { path: ["metadata", "taints", ...rest], at: ["spec", "taints", ...rest], message };
}
