/** What the configuration and the node decide for the rules of one IP family, in every mode. */

import type { IpFamily } from "../cluster/types.ts";
import { ofFamily } from "./family.ts";
import { type LocalDetector, localDetector } from "./local-detector.ts";
import { nodePortAddresses } from "./node-port-addresses.ts";
import type { Network } from "./statements.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

export interface FamilyOptions {
  readonly network: Network;
  readonly detector: LocalDetector;
  readonly nodePortAddresses: "all" | readonly string[];
  readonly masqueradeAll: boolean;
  readonly masqueradeMark: number;
  /** The node's address of this family. */
  readonly nodeAddress: string | undefined;
}

export function familyOptions(node: ProxyNode, configuration: ProxyConfiguration, family: IpFamily): FamilyOptions {
  const [nodeAddress] = ofFamily(node.addresses, family);
  return {
    network: family === "IPv4" ? "ip" : "ip6",
    detector: localDetector(configuration, node, family),
    nodePortAddresses: nodePortAddresses(configuration, node, family),
    masqueradeAll: configuration.masqueradeAll,
    masqueradeMark: (1 << configuration.masqueradeBit) >>> 0,
    nodeAddress,
  };
}
