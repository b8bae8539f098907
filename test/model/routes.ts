/** Routes, searched one by one for the longest prefix that fits. */

import type { NodeNetwork } from "../../src/network/types.ts";
import { addressBytes } from "../support/address.ts";
import { hex } from "../support/decode.ts";
import { bits } from "./rules.ts";

export interface Route {
  readonly prefix: string;
  readonly link: string;
  readonly gateway: string | undefined;
  readonly isLocal: boolean;
}

export class Routes {
  readonly #routes: readonly Route[];
  readonly #network: NodeNetwork;

  constructor(network: NodeNetwork) {
    this.#network = network;
    this.#routes = network.routes
      .filter((route) => route.type === "unicast" || route.type === "local")
      .map((route) => {
        const [address = "", length = "0"] = route.destination.split("/");
        return {
          prefix: familyPrefix(address) + bits(digits(address)).slice(0, Number(length)),
          link: route.interface ?? "",
          gateway: route.gateway && digits(route.gateway),
          isLocal: route.type === "local",
        };
      })
      .sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The route to an address; local ones first. */
  find(address: string): Route | undefined {
    const key = (address.length === 8 ? "4" : "6") + bits(address);
    const fitting = this.#routes.filter((route) => key.startsWith(route.prefix));
    return fitting.find((route) => route.isLocal) ?? fitting[0];
  }

  /** The link address of an address behind a route. */
  macOf(route: Route, address: string): string {
    const next = route.gateway ?? address;
    const found = this.#network.neighbours.find((one) => one.interface === route.link && digits(one.address) === next);
    return found?.mac ?? "00:00:00:00:00:00";
  }

  /** The node's first global address on a link. */
  sourceOn(link: string, family: 4 | 6): string {
    const device = this.#network.interfaces.find((one) => one.name === link);
    const own = device?.addresses.find((one) => one.scope === "global" && one.address.includes(":") === (family === 6));
    return digits(own?.address ?? (family === 4 ? "0.0.0.0" : "::"));
  }
}

function digits(address: string): string {
  return hex(addressBytes(address));
}

function familyPrefix(address: string): string {
  return address.includes(":") ? "6" : "4";
}
