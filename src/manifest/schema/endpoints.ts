/** discovery/v1 EndpointSlice and core/v1 Endpoints. */

import { apiObject, OBJECT_REFERENCE, PROTOCOL } from "./common.ts";
import { choice, list, map, object } from "./types.ts";

const SLICE_PORT = object({ name: "string", protocol: PROTOCOL, port: "port", appProtocol: "string" });

const NAMED = list(object({ name: "string" }, ["name"]));

const ENDPOINT = object({
  addresses: list("string"),
  conditions: object({ ready: "boolean", serving: "boolean", terminating: "boolean" }),
  deprecatedTopology: map("string"),
  hints: object({ forZones: NAMED, forNodes: NAMED }),
  hostname: "string",
  nodeName: "string",
  targetRef: OBJECT_REFERENCE,
  zone: "string",
});

export const ENDPOINT_SLICE = apiObject(
  { addressType: choice("FQDN", "IPv4", "IPv6"), endpoints: list(ENDPOINT), ports: list(SLICE_PORT) },
  ["addressType"],
);

const ENDPOINT_ADDRESS = object(
  { ip: "address", hostname: "string", nodeName: "string", targetRef: OBJECT_REFERENCE },
  ["ip"],
);

const ENDPOINT_PORT = object({ name: "string", protocol: PROTOCOL, port: "port", appProtocol: "string" }, ["port"]);

export const ENDPOINTS = apiObject({
  subsets: list(
    object({
      addresses: list(ENDPOINT_ADDRESS),
      notReadyAddresses: list(ENDPOINT_ADDRESS),
      ports: list(ENDPOINT_PORT),
    }),
  ),
});
