/** Rulesets of real nodes' programs: the same packets through the kernel and through the engine. */

import { readFileSync } from "node:fs";
import { crowd } from "./crowd.ts";
import { playPlain } from "./deck.ts";
import { agreeOnRules } from "./nft-agreement.ts";

const NAMES = ["firewalld", "docker", "calico", "host-firewall", "kubelet"];

agreeOnRules(
  "rulesets of real nodes",
  NAMES.map((name) => ({
    name,
    rules: readFileSync(new URL(`../fixtures/rulesets/${name}.nft`, import.meta.url), "utf8"),
    play: (talk) => {
      playPlain(talk);
      crowd(talk);
    },
  })),
);
