/** The statements of mode direct in words that read like nft's. */

import { literalText } from "./nft-text-literal.ts";
import type { Endpoint, EndpointChoice, ServiceLookup } from "./types.ts";

export function serviceText(lookup: ServiceLookup): string {
  switch (lookup.question) {
    case "destination": {
      const { addresses, nodePorts, nodeAddresses } = lookup;
      const on = nodeAddresses === undefined ? "local addresses" : `@${nodeAddresses}`;
      return `service destination @${addresses}, @${nodePorts} on ${on}`;
    }
    case "refusal": {
      const { nowhere, clusterIps, rejectChain, serviceCidrs } = lookup;
      const cidrs = serviceCidrs.map((literal) => literalText(literal, "ipv4_addr")).join(", ");
      const drop = cidrs === "" ? "" : `, { ${cidrs} } drop`;
      return `service refusal @${nowhere}, @${clusterIps} goto ${rejectChain}${drop}`;
    }
    case "source":
      return `service source mark 0x${lookup.mark.toString(16)}, @${lookup.hairpins}`;
  }
}

/** `endpoint random { 10.244.1.5:8080, 10.244.2.7:8080 }`; with `affinity` behind it, a client stays with its endpoint. */
export function endpointText({ endpoints, scheduler }: EndpointChoice): string {
  const titles = endpoints.map(titleOf);
  const affinity = endpoints.some(({ clients }) => clients !== undefined) ? " affinity" : "";
  return `endpoint ${scheduler} { ${titles.join(", ")} }${affinity}`;
}

function titleOf({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
