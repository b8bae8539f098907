/** Several ServiceCIDRs, growing and going ones, and IPAddress objects (KEP-1880). */

import { describe, expect, it } from "vitest";
import { built, service } from "./support.ts";

const PORT = "ports: [{port: 80}]";

function serviceCidr(name: string, cidrs: string, more = ""): string {
  return `apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: ${name}${more}}\nspec: {cidrs: [${cidrs}]}`;
}

describe("ServiceCIDRs", () => {
  const GOING = ", deletionTimestamp: '2026-01-15T10:00:00Z'";
  const web = (fields = "") => service("web", `{${fields}${PORT}}`);
  const ipOf = (...documents: string[]) => built(documents).cluster.services.at(-1)?.clusterIps;

  it("grow a cluster: what the first cannot give comes from the next", () => {
    const names = ["a", "b", "c"];
    const cidrs = [serviceCidr("kubernetes", "10.1.0.0/30"), serviceCidr("more", "10.2.0.0/30")];
    const { cluster, problems } = built([...cidrs, ...names.map((name) => service(name, `{${PORT}}`))]);
    expect(problems).toEqual([]);
    expect(cluster.services.map(({ clusterIps }) => clusterIps[0])).toEqual([
      "10.1.0.2",
      expect.stringMatching(/^10\.2\.0\./),
      expect.stringMatching(/^10\.2\.0\./),
    ]);
    expect(cluster.serviceCidrs).toEqual(["10.1.0.0/30", "10.2.0.0/30"]);
  });

  it("that are being deleted give out nothing more, and take back nothing", () => {
    const going = serviceCidr("going", "10.1.0.0/24", GOING);
    const fresh = serviceCidr("fresh", "10.2.0.0/24");
    expect(ipOf(going, fresh, web())?.[0]).toMatch(/^10\.2\.0\./);
    expect(ipOf(going, fresh, web("clusterIP: 10.1.0.9, "))).toEqual(["10.1.0.9"]);
    expect(built([going, web()]).problems).toMatchObject([
      { message: "Internal error occurred: failed to allocate a serviceIP: range is full" },
    ]);
  });

  it("that are not ready give out nothing, unless another object has the same range", () => {
    const condition = "status: {conditions: [{type: Ready, status: 'False'}]}";
    const waiting = `${serviceCidr("waiting", "10.1.0.0/24")}\n${condition}`;
    expect(ipOf(waiting, serviceCidr("other", "10.2.0.0/24"), web())?.[0]).toMatch(/^10\.2\.0\./);
    expect(ipOf(waiting, serviceCidr("same", "10.1.0.0/24"), web())?.[0]).toMatch(/^10\.1\.0\./);
  });

  it("make the first family of the API server's own the cluster's", () => {
    const six = serviceCidr("six", '"fd00::/112"');
    expect(ipOf(six, web())?.[0]).toMatch(/^fd00::/);
    expect(ipOf(six, serviceCidr("kubernetes", "10.1.0.0/24"), web())?.[0]).toMatch(/^10\.1\.0\./);
    const dual = serviceCidr("kubernetes", '10.1.0.0/24, "fd00::/112"');
    expect(ipOf(dual, web("ipFamilyPolicy: RequireDualStack, "))).toEqual([
      expect.stringMatching(/^10\.1\.0\./),
      expect.stringMatching(/^fd00::/),
    ]);
  });

  it("may overlap; an address is given once", () => {
    const cidrs = [serviceCidr("kubernetes", "10.1.0.0/29"), serviceCidr("wide", "10.1.0.0/28")];
    const services = Array.from({ length: 13 }, (_, index) => service(`s${index}`, `{${PORT}}`));
    const { cluster, problems } = built([...cidrs, ...services]);
    expect(problems).toEqual([]);
    expect(new Set(cluster.services.map(({ clusterIps }) => clusterIps[0])).size).toBe(13);
  });

  it("hold IPAddresses: one Service's is not another's, but its own", () => {
    const held = (name: string) =>
      `apiVersion: networking.k8s.io/v1\nkind: IPAddress\nmetadata: {name: 10.1.0.9}\nspec: {parentRef: {resource: services, namespace: default, name: ${name}}}`;
    const cidr = serviceCidr("kubernetes", "10.1.0.0/24");
    const named = web("clusterIP: 10.1.0.9, ");
    expect(built([cidr, held("web"), named]).problems).toEqual([]);
    expect(built([cidr, held("api"), named]).problems).toMatchObject([
      {
        path: "spec.clusterIP",
        message: 'Invalid value: ["10.1.0.9"]: failed to allocate IP 10.1.0.9: provided IP is already allocated',
        remedy: "the IPAddress 10.1.0.9 belongs to default/api",
      },
    ]);
  });
});
