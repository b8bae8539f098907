/** Valid objects, and patches that make them invalid: what validation then says, as `path: message`. */

import { load } from "js-yaml";
import { lintManifests } from "../../src/manifest/lint/lint.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import type { Manifests, Problem } from "../../src/manifest/types.ts";
import { checkUpdate } from "../../src/manifest/validate/update.ts";

/** A fact, the patch over the base that breaks it, and everything that is then said. */
export type Row = readonly [fact: string, patch: string, ...problems: string[]];

export const SERVICE = `{apiVersion: v1, kind: Service, metadata: {name: web},
  spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80}]}}`;
export const SLICE = `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
  metadata: {name: web-1, labels: {kubernetes.io/service-name: web}},
  endpoints: [{addresses: [10.244.1.5], nodeName: node1}], ports: [{name: http, port: 8080}]}`;
export const ENDPOINTS = `{apiVersion: v1, kind: Endpoints, metadata: {name: web},
  subsets: [{addresses: [{ip: 10.244.1.5}], ports: [{port: 8080}]}]}`;
export const NODE = `{apiVersion: v1, kind: Node, metadata: {name: node1}, spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}}`;
export const POD = `{apiVersion: v1, kind: Pod, metadata: {name: web-x, labels: {app: web}},
  spec: {nodeName: node1, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]},
  status: {podIP: 10.244.1.5, podIPs: [{ip: 10.244.1.5}]}}`;
export const DEPLOYMENT = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2, selector: {matchLabels: {app: web}},
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}`;

export const SERVICE_CIDR = `{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: more}, spec: {cidrs: [10.1.0.0/16]}}`;
export const IP_ADDRESS = `{apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: 10.96.0.1},
  spec: {parentRef: {group: "", resource: services, namespace: default, name: web}}}`;

/** A merge patch (RFC 7386): mappings merge, null takes away, the rest replaces. */
export function patched(base: string, patch = "{}"): string {
  return JSON.stringify(merge(load(base), load(patch)));
}

/** What is wrong with an object, errors only. */
export function errorsOf(base: string, patch?: string): string[] {
  return parse(patched(base, patch)).problems.map(told);
}

/** What several objects together are refused for. */
export function errorsTogether(...objects: readonly string[]): string[] {
  return parse(objects.join("\n")).problems.map(told);
}

/** What hardly can be meant, where nothing is wrong. */
export function warningsOf(...objects: readonly string[]): string[] {
  const manifests = parse(objects.join("\n"));
  if (manifests.problems.length > 0) throw new Error(manifests.problems.map(told).join("\n"));
  return lintManifests(manifests).map(told);
}

/** What an update is refused for. */
export function updateErrors(base: string, before: string, after: string): string[] {
  const former = parse(patched(base, before));
  const manifests = parse(patched(base, after), former);
  return [...manifests.problems, ...checkUpdate(manifests, former)].map(told);
}

/** The same for objects that come, stay or go. */
export function updateErrorsBetween(before: readonly string[], after: readonly string[]): string[] {
  return checkUpdate(parse(after.join("\n")), parse(before.join("\n"))).map(told);
}

function parse(text: string, before?: Manifests): Manifests {
  return parseManifests(text, "test.json", before);
}

function told({ path, message }: Problem): string {
  return path === undefined ? message : `${path}: ${message}`;
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const merged: Record<string, unknown> = isMapping(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
