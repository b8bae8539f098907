/** The route that a packet took, or why there is none. */

import * as Layout from "../../assembly/layout/program.ts";
import { REASON_NAMES } from "../engine/names.ts";
import { formatAddress, parseAddress } from "../network/address.ts";
import { parsePrefix, prefixContains } from "../network/prefix.ts";
import type { Route } from "../network/types.ts";
import { ROUTE_TYPE } from "../program/values.ts";
import { readHeader } from "../replay/header.ts";
import type { TraceContext } from "./context.ts";
import type { PacketState, TraceRecord } from "./records.ts";
import type { RouteEvent } from "./types.ts";

const IP4_BYTES = 4;
const IP6_BYTES = 16;
const LOCAL_TABLE = "local";

export function routeEvent(context: TraceContext, { at, value }: TraceRecord, state: PacketState): RouteEvent {
  const header = readHeader(state.packet);
  const destination = header?.dst ?? "";
  const reason = value === 0 ? {} : { reason: REASON_NAMES[value] ?? "none" };
  if (at === 0) return { kind: "route", destination, ...reason };
  const { image, interfaces } = context;
  const type = image.getUint8(at + Layout.ROUTE_TYPE);
  const flags = image.getUint16(at + Layout.ROUTE_FLAGS, true);
  const device = interfaces[image.getUint16(at + Layout.ROUTE_INTERFACE, true)];
  const bytes = destination.includes(":") ? IP6_BYTES : IP4_BYTES;
  const gateway = formatAddress(new Uint8Array(image.buffer, image.byteOffset + at + Layout.ROUTE_GATEWAY, bytes));
  const typeName = Object.keys(ROUTE_TYPE.names ?? {}).find((name) => ROUTE_TYPE.names?.[name] === type) ?? "";
  const prefix = prefixOf(context, destination, typeName, device);
  return {
    kind: "route",
    destination,
    type: typeName,
    ...(prefix === undefined ? {} : { prefix }),
    ...(device === undefined ? {} : { interface: device }),
    ...((flags & Layout.ROUTE_HAS_GATEWAY) === 0 ? {} : { gateway }),
    ...reason,
  };
}

/** The image has no prefixes: it is the longest one of the node's routes that has what the engine found. */
function prefixOf({ network }: TraceContext, destination: string, type: string, device?: string): string | undefined {
  const address = parseAddress(destination);
  if (address === undefined) return undefined;
  const fits = (route: Route) => {
    const prefix = parsePrefix(route.destination);
    if (prefix === undefined || route.type !== type || !prefixContains(prefix, address)) return undefined;
    return route.interface === undefined || route.interface === device ? prefix.length : undefined;
  };
  let best: { readonly length: number; readonly text: string } | undefined;
  for (const route of network.routes) {
    const length = fits(route);
    if (length === undefined || (best !== undefined && best.length >= length)) continue;
    best = {
      length,
      text: route.table === LOCAL_TABLE && length === address.length * 8 ? destination : route.destination,
    };
  }
  return best?.text;
}
