/** Interfaces and their addresses, from `ip -j -d link` and `ip -j addr`. Either will do; the links' own file wins. */

import type { AddressJson, LinkJson } from "./json.ts";
import type { InterfaceAddress, NetworkInterface } from "./types.ts";

const ETHERNET_MTU = 1500;
const NO_MAC = "00:00:00:00:00:00";

export function interfacesFrom(links: readonly LinkJson[], addresses: readonly LinkJson[]): NetworkInterface[] {
  const byName = new Map<string, LinkJson>();
  for (const link of [...addresses, ...links]) {
    if (link.ifname !== undefined) byName.set(link.ifname, { ...byName.get(link.ifname), ...link });
  }
  return [...byName.entries()]
    .map(([name, link], position) => networkInterface(nameOnly(name), link, position + 1))
    .sort((a, b) => a.index - b.index);
}

function networkInterface(name: string, link: LinkJson, position: number): NetworkInterface {
  const flags = link.flags ?? [];
  const linkType = link.link_type ?? "ether";
  const mac = link.address !== undefined && link.address !== NO_MAC ? link.address.toLowerCase() : undefined;
  return {
    name,
    index: link.ifindex ?? position,
    mtu: link.mtu ?? ETHERNET_MTU,
    loopback: flags.includes("LOOPBACK") || linkType === "loopback",
    up: flags.length === 0 || flags.includes("UP"),
    linkType,
    ...(mac !== undefined && linkType === "ether" ? { mac } : {}),
    ...(link.master !== undefined ? { master: link.master } : {}),
    addresses: (link.addr_info ?? []).flatMap(interfaceAddress),
  };
}

function interfaceAddress(json: AddressJson): InterfaceAddress[] {
  if (json.local === undefined) return [];
  return [
    {
      address: json.local,
      prefixLength: json.prefixlen ?? (json.local.includes(":") ? 128 : 32),
      scope: scopeOf(json.scope),
      secondary: json.secondary === true,
      ...(json.broadcast !== undefined ? { broadcast: json.broadcast } : {}),
    },
  ];
}

function scopeOf(scope: string | undefined): InterfaceAddress["scope"] {
  return scope === "link" || scope === "host" || scope === "site" ? scope : "global";
}

/** `ip` prints a veth as "eth0@if5" in text; some versions let the peer slip into the JSON name, too. */
function nameOnly(name: string): string {
  return name.split("@", 1)[0] ?? name;
}
