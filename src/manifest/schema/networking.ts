/** networking.k8s.io/v1 ServiceCIDR and IPAddress: where cluster IPs come from, and which are taken. */

import { apiObject } from "./common.ts";
import { list, object, openObject } from "./types.ts";

const STATUS = openObject({ conditions: list(openObject({ type: "string", status: "string" })) });

export const SERVICE_CIDR = apiObject({ spec: object({ cidrs: list("string") }), status: STATUS });

const PARENT = object({ group: "string", resource: "string", namespace: "string", name: "string" });

export const IP_ADDRESS = apiObject({ spec: object({ parentRef: PARENT }) });
