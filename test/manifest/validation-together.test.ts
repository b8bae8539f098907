/** What two Services cannot both have. */

import { describe, expect, it } from "vitest";
import { errorsTogether, patched, SERVICE, updateErrorsBetween } from "./patched.ts";
import { PORT_WORDS } from "./words.ts";

describe("Services together", () => {
  const web = (patch: string) => patched(SERVICE, patch);
  const other = (fields: string) => web(`{metadata: {name: api}, spec: {${fields}}}`);
  const open = "type: NodePort, ports: [{port: 1, nodePort: 30080}]";

  it("do not share a cluster IP, however it is written", () => {
    expect(errorsTogether(web("{}"), other("clusterIP: 10.96.0.1"))).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ]);
    expect(errorsTogether(web("{spec: {clusterIP: 'fd00::1'}}"), other("clusterIP: 'FD00:0::1'"))).toEqual([
      'spec.clusterIPs: Invalid value: ["FD00:0::1"]: failed to allocate IP FD00:0::1: provided IP is already allocated',
    ]);
    expect(errorsTogether(web("{spec: {clusterIP: None}}"), other("clusterIP: None"))).toEqual([]);
  });

  it("do not share a node port, unless of another protocol", () => {
    const first = web(`{spec: {${open}}}`);
    expect(errorsTogether(first, other(`clusterIP: 10.96.0.2, ${open}`))).toEqual([
      "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
    ]);
    expect(
      errorsTogether(first, other(`clusterIP: 10.96.0.2, ${open.replace("port: 1,", "port: 1, protocol: UDP,")}`)),
    ).toEqual([]);
  });

  it("do not share a port for health checks", () => {
    const local = "type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080";
    expect(errorsTogether(web(`{spec: {${open}}}`), other(`clusterIP: 10.96.0.2, ${local}`))).toEqual([
      "spec.healthCheckNodePort: Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated",
    ]);
  });

  it("that are refused take nothing", () => {
    const refused = web("{metadata: {name: bad}, spec: {ports: [{port: 0}]}}");
    expect(errorsTogether(refused, web("{}"))).toEqual([`spec.ports[0].port: Invalid value: 0: ${PORT_WORDS}`]);
  });
});

describe("a new Service", () => {
  const api = (spec: string) =>
    patched(patched(SERVICE, "{metadata: {name: api}, spec: {clusterIP: 10.96.0.2}}"), `{spec: {${spec}}}`);
  const held = patched(SERVICE, "{spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}");
  const open = "type: NodePort, ports: [{port: 80, nodePort: 30080}]";

  it("does not get what a Service has that stays", () => {
    expect(updateErrorsBetween([held], [api(open)])).toEqual([
      "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
    ]);
    expect(updateErrorsBetween([SERVICE], [api("clusterIP: 10.96.0.1")])).toEqual([
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ]);
  });

  it("gets what a Service has given back", () => {
    expect(updateErrorsBetween([held], [SERVICE, api(open)])).toEqual([]);
    const gone = patched(SERVICE, "{spec: {type: ExternalName, clusterIP: null, ports: null, externalName: a.b}}");
    expect(
      updateErrorsBetween([SERVICE], [gone, patched(api("type: ClusterIP"), "{spec: {clusterIP: 10.96.0.1}}")]),
    ).toEqual([]);
  });
});
