/** core/v1 Node. */

import { apiObject } from "./common.ts";
import { list, object, openObject, unread } from "./types.ts";

export const NODE = apiObject({
  spec: object({
    ...unread("configSource", "externalID", "providerID", "taints", "unschedulable"),
    podCIDR: "cidr",
    podCIDRs: list("cidr"),
  }),
  status: openObject({ addresses: list(object({ type: "string", address: "string" }, ["type", "address"])) }),
});
