/** core/v1 Node. */

import { apiObject } from "./common.ts";
import { list, map, object, openObject, unread } from "./types.ts";

export const NODE = apiObject({
  spec: object({
    ...unread("configSource", "externalID", "providerID"),
    podCIDR: "cidr",
    podCIDRs: list("cidr"),
    taints: list(object({ key: "string", value: "string", effect: "string", timeAdded: "string" })),
    unschedulable: "boolean",
  }),
  status: openObject({
    addresses: list(object({ type: "string", address: "string" }, ["type", "address"])),
    allocatable: map("any"),
  }),
});
