/** The plain texts of a snapshot: `sysctl` and `ss -lntuH`. */

import type { Socket } from "./types.ts";

/** `net.ipv4.ip_forward = 1`, a line each. */
export function sysctlsFrom(text: string): Record<string, string> {
  const sysctls: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) sysctls[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return sysctls;
}

/** `tcp LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*`: the protocol and the fifth column are what counts. */
export function socketsFrom(text: string): Socket[] {
  return text.split("\n").flatMap((line) => {
    const [protocol, , , , local] = line.trim().split(/\s+/);
    if ((protocol !== "tcp" && protocol !== "udp") || local === undefined) return [];
    const colon = local.lastIndexOf(":");
    const port = Number(local.slice(colon + 1));
    if (colon < 0 || !Number.isInteger(port) || port === 0) return [];
    return [{ protocol, address: bareAddress(local.slice(0, colon)), port }];
  });
}

/** Without brackets and without the interface; "*" listens on both families. */
function bareAddress(text: string): string {
  const address = text.replace(/^\[|\]$/g, "").split("%", 1)[0] ?? "";
  return address === "*" ? "::" : address;
}
