/** A host and what stands behind its last colon, which is a port or a port's name. */

import { canonicalAddress } from "../../network/address.ts";

export interface HostAndPort {
  readonly host: string;
  readonly port?: string;
}

/** "web:80", "10.0.0.1:80", "[fd00::1]:80", and each without a port. */
export function splitPort(text: string): HostAndPort {
  if (canonicalAddress(text) !== undefined) return { host: text };
  const bracketed = /^\[([^\]]*)\](?::(.+))?$/.exec(text);
  if (bracketed !== null) return withPort(bracketed[1] ?? "", bracketed[2]);
  const colon = text.lastIndexOf(":");
  return colon < 0 ? { host: text } : withPort(text.slice(0, colon), text.slice(colon + 1));
}

function withPort(host: string, port: string | undefined): HostAndPort {
  return port === undefined ? { host } : { host, port };
}
