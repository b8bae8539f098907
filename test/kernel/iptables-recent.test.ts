/** Lists of recent addresses: who comes how often, in the kernel and in the engine. */

import type { Conversation } from "./conversation.ts";
import { agreeOnIptables, type IptablesCase } from "./iptables-rules.ts";
import { FAMILIES, pause, variety } from "./iptables-variety.ts";
import type { Family } from "./services.ts";

const SOME_BITS = { ip4: "255.255.0.0", ip6: "ffff:ffff::" } as const;
const ALL_BITS = { ip4: "255.255.255.255", ip6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" } as const;
const GAP_MILLISECONDS = 3000;

/** Rules in the words of iptables-save, which names the mask and the end. */
const RULES: readonly (readonly string[])[] = [
  ["--set --name a1", "--update --seconds 600 --hitcount 7 --name a1"],
  ["--update --seconds 600 --hitcount 4 --name a2", "--set --name a2"],
  ["--rcheck --hitcount 12 --name a3", "--set --name a3"],
  ["--rcheck --seconds 600 --hitcount 40 --name a4", "--set --name a4"],
  ["--update --hitcount 5 --name a5", "--remove --name a5", "--set --name a5"],
  ["! --rcheck --seconds 600 --hitcount 3 --name a6", "--set --name a6"],
  ["! --update --seconds 600 --hitcount 3 --name a7", "! --set --name a7"],
  ["! --remove --name a8", "! --set --name a8"],
  ["--rcheck --rttl --name a9", "--set --name a9"],
  ["--update --hitcount 3 --rttl --name b1", "--set --name b1"],
];

function rules(words: readonly string[], mask: string, end = "--rsource"): string {
  const lines = ["FORWARD", "INPUT"].flatMap((chain) =>
    words.map(
      (one) => `-A ${chain} -m recent ${one} --mask ${mask} ${end} -j matched${/set/.test(one) ? "-after" : ""}`,
    ),
  );
  const chains = ["INPUT", "FORWARD", "OUTPUT"].map((name) => `:${name} ACCEPT [0:0]`);
  const own = [":matched - [0:0]", ":matched-after - [0:0]"];
  return [
    "*filter",
    ...chains,
    ...own,
    ...lines,
    "-A matched -j DROP",
    "-A matched-after -j RETURN",
    "COMMIT",
    "",
  ].join("\n");
}

function twice(talk: Conversation, family: Family): void {
  variety(talk, family);
  variety(talk, family);
}

/** Some come again at once, and all after a while. */
function late(talk: Conversation, family: Family): void {
  variety(talk, family);
  pause(GAP_MILLISECONDS);
  variety(talk, family);
}

agreeOnIptables(
  "iptables: recent addresses",
  FAMILIES.flatMap((family): IptablesCase[] => [
    ...RULES.map((words) => ({
      name: words.join(", then "),
      family,
      rules: rules(words, ALL_BITS[family]),
      play: (talk: Conversation) => twice(talk, family),
    })),
    ...RULES.slice(1, 3).map((words) => ({
      name: `${words[0]}, of destinations`,
      family,
      rules: rules(
        words.map((one) => `${one}d`),
        ALL_BITS[family],
        "--rdest",
      ),
      play: (talk: Conversation) => twice(talk, family),
    })),
    ...RULES.slice(1, 3).map((words) => ({
      name: `${words[0]}, of a part of the address`,
      family,
      rules: rules(
        words.map((one) => `${one}m`),
        SOME_BITS[family],
      ),
      play: (talk: Conversation) => twice(talk, family),
    })),
    {
      name: "only what has come of late counts",
      family,
      rules: rules(["--rcheck --seconds 2 --hitcount 15 --name c1", "--set --name c1"], ALL_BITS[family]),
      play: (talk: Conversation) => late(talk, family),
    },
  ]),
);
