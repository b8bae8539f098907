/** What all kinds share. */

import { choice, list, map, type ObjectSchema, object, type Schema, unread } from "./types.ts";

export const PROTOCOL = choice("SCTP", "TCP", "UDP");

/** meta/v1 OwnerReference. */
const OWNER_REFERENCE = object({
  ...unread("blockOwnerDeletion", "uid"),
  apiVersion: "string",
  kind: "string",
  name: "string",
  controller: "boolean",
});

/** meta/v1 ObjectMeta. */
export const OBJECT_META = object({
  ...unread("creationTimestamp", "deletionGracePeriodSeconds", "finalizers", "generation", "managedFields"),
  ...unread("selfLink"),
  name: "string",
  namespace: "dnsLabel",
  generateName: "string",
  labels: map("string"),
  annotations: map("string"),
  deletionTimestamp: "string",
  ownerReferences: list(OWNER_REFERENCE),
  resourceVersion: "string",
  uid: "string",
});

/** core/v1 ObjectReference. */
export const OBJECT_REFERENCE = object({
  apiVersion: "string",
  fieldPath: "string",
  kind: "string",
  name: "string",
  namespace: "string",
  resourceVersion: "string",
  uid: "string",
});

/** An API object: its type, its metadata, and what is its own. */
export function apiObject(fields: Readonly<Record<string, Schema>>, required: readonly string[] = []): ObjectSchema {
  return object({ apiVersion: "string", kind: "string", metadata: OBJECT_META, ...fields }, required);
}
