/** Random traffic: whatever the kernel does to it, the engine does as well. SLUICE_SEED and SLUICE_ROUNDS choose more of it. */

import { Random, SEED } from "../support/random.ts";
import { agree, type Scenario } from "./agreement.ts";
import { chatter } from "./random-packets.ts";
import { kubeProxy, kubeProxyDroppingInvalid, sourcePorts, translating } from "./rules.ts";

const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 8);
const PACKETS_PER_ROUND = 60;

const rounds = Array.from({ length: ROUNDS }, (_, round): Scenario => {
  const seed = SEED + round;
  return {
    name: `SLUICE_SEED=${seed}`,
    play: (talk, family) => chatter(talk, new Random(seed), family, PACKETS_PER_ROUND),
  };
});

agree("random traffic", { ruleset: kubeProxy() }, rounds);
agree("random traffic, invalid packets dropped", { ruleset: kubeProxyDroppingInvalid() }, rounds);
agree("random traffic, masqueraded", { ruleset: translating({ kind: "masquerade", flags: [] }) }, rounds);
agree("random traffic, few source ports", { ruleset: translating(sourcePorts(40000, 40002)) }, rounds);
