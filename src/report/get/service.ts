/** `kubectl get services` (pkg/printers/internalversion printService). */

import type { V1Service } from "../../manifest/kubernetes.ts";
import { type Columns, labelList, NONE } from "./columns.ts";

type Spec = NonNullable<V1Service["spec"]>;

/** loadBalancerWidth: longer lists of addresses are cut where there is no -o wide. */
const INGRESS_LENGTH_MAX = 16;

export const SERVICE_COLUMNS: Columns<V1Service> = {
  headers: ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)"],
  wide: ["SELECTOR"],
  row: (service, wide) => {
    const { metadata, spec = {} } = service;
    const clusterIp = spec.clusterIPs?.[0] ?? spec.clusterIP;
    return [
      metadata?.name ?? "",
      spec.type ?? "",
      clusterIp || NONE,
      externalIp(service, wide),
      ports(spec),
      labelList(spec.selector),
    ];
  },
};

function externalIp({ spec = {}, status }: V1Service, wide: boolean): string {
  if (spec.type === "ExternalName") return spec.externalName ?? "";
  const externalIps = spec.externalIPs ?? [];
  if (spec.type !== "LoadBalancer") return externalIps.length > 0 ? externalIps.join(",") : NONE;
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  const text = ingress.join(",");
  const cut = !wide && text.length > INGRESS_LENGTH_MAX ? `${text.slice(0, INGRESS_LENGTH_MAX - 3)}...` : text;
  const all = [...(cut === "" ? [] : [cut]), ...externalIps];
  return all.length > 0 ? all.join(",") : "<pending>";
}

/** `80:30123/TCP,443/TCP` */
function ports({ ports }: Spec): string {
  const texts = (ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol}`,
  );
  return texts.length > 0 ? texts.join(",") : NONE;
}
