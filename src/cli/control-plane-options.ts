/** The options that say what a control plane would know beyond the manifests. */

import type { Command } from "commander";
import { poolRange } from "../cluster/allocate/address-range.ts";
import { type ControlPlaneOptions, SERVICE_CIDRS } from "../cluster/options.ts";
import { familyOf } from "../network/address.ts";
import { canonicalCidr } from "../network/prefix.ts";
import { usageError } from "./messages.ts";

export interface ControlPlaneFlags {
  readonly serviceCidr: readonly string[];
  readonly lbPool: readonly string[];
}

export function addControlPlaneOptions(command: Command): Command {
  return command
    .option(
      "--service-cidr <cidr>",
      `where cluster IPs come from (default: ServiceCIDR objects, else ${SERVICE_CIDRS.join(",")})`,
      parseServiceCidrs,
      [],
    )
    .option(
      "--lb-pool <range>",
      "where load balancers' addresses come from: CIDR or first-last; repeatable",
      parsePool,
      [],
    );
}

export function controlPlaneOptions(flags: ControlPlaneFlags, seed?: number): ControlPlaneOptions {
  return {
    serviceCidrs: flags.serviceCidr,
    loadBalancerPools: flags.lbPool,
    ...(seed === undefined ? {} : { seed }),
  };
}

/** As kube-apiserver takes them: separated by commas, one of each family. */
function parseServiceCidrs(value: string, previous: readonly string[]): readonly string[] {
  const cidrs = value.split(",").map((text) => {
    const cidr = canonicalCidr(text.trim());
    if (cidr === undefined) throw usageError(`--service-cidr ${text}: not a CIDR`, "for example 10.96.0.0/16");
    return cidr;
  });
  const all = [...previous, ...cidrs];
  if (new Set(all.map(familyOf)).size < all.length) {
    throw usageError(`--service-cidr ${all.join(",")}: at most one of each IP family`);
  }
  return all;
}

function parsePool(value: string, previous: readonly string[]): readonly string[] {
  if (poolRange(value) === undefined) {
    throw usageError(
      `--lb-pool ${value}: not a range of addresses`,
      "for example 192.0.2.0/28 or 192.0.2.10-192.0.2.20",
    );
  }
  return [...previous, value];
}
