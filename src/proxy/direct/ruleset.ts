/**
 * Mode direct: what kube-proxy's nftables mode decides, decided by tables that the engine looks into itself. The sets, the
 * maps and the policies of Services are that mode's own; what a packet meets of them are two statements, `service` and
 * `endpoint`. See docs/decisions/0008-direct-mode.md.
 */

import type { Cluster } from "../../cluster/types.ts";
import type { Ruleset, Scheduler } from "../../ruleset/types.ts";
import type { ProxyEndpoint } from "../endpoints.ts";
import { generateNftables, type TableForm } from "../nftables/ruleset.ts";
import type { Choice, NamedEndpoints } from "../nftables/service.ts";
import type { ServiceParts } from "../nftables/service-part.ts";
import type { ProxyServicePort } from "../service-ports.ts";
import * as st from "../statements.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";
import { directChains } from "./chains.ts";

const TABLE = "sluice";

/** The rules of the node; `parts` as of generateNftables(). */
export function generateDirect(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  parts?: ServiceParts,
): Ruleset {
  return generateNftables(cluster, node, configuration, parts, formOf(configuration.scheduler ?? "random"));
}

function formOf(scheduler: Scheduler): TableForm {
  return {
    name: TABLE,
    comment: `Services, scheduler ${scheduler}`,
    choice: choiceBy(scheduler),
    chains: directChains,
  };
}

/** One rule chooses, whether clients stay with their endpoints or not. */
function choiceBy(scheduler: Scheduler): Choice {
  return {
    choiceRules: (_: ProxyServicePort, endpoints: readonly ProxyEndpoint[], named: NamedEndpoints) => {
      const choices = endpoints.map((endpoint) => {
        const clients = named.get(endpoint)?.affinitySet;
        return { address: endpoint.address, port: endpoint.port, ...(clients === undefined ? {} : { clients }) };
      });
      return [st.rule([{ kind: "endpoint", endpoints: choices, scheduler }])];
    },
  };
}
