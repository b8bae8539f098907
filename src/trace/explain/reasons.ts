/** Reasons of the engine in sentences: what ended a packet's way besides Services. */

import type { Explanation, PacketWalk, RuleEvent, TraceEvent } from "../types.ts";
import { explanation } from "./types.ts";

const REASONS: Readonly<Record<string, string>> = {
  "not-ip": "the frame has no IP packet in it",
  "link-unsupported": "the capture's link type is not known",
  "link-truncated": "the frame ends within its link header",
  "other-host": "the frame is for another station's link address",
  "ip-truncated": "the packet ends within its IP header",
  "ip-version": "the packet has no IP version that fits",
  "ip-header-length": "the IP header says that it is shorter than one can be",
  "ip-total-length": "the IP header says that the packet is longer than it is",
  "ip-checksum": "the checksum of the IP header is wrong",
  "ip-options": "the IP options cannot be",
  "ip6-extension": "the IPv6 extension headers cannot be",
  "capture-truncated": "the capture holds only the beginning of the packet",
  "martian-source": "its source address can be nobody's on a wire",
  "martian-destination": "its destination address can be nobody's on a wire",
  "no-route": "the node has no route to where the packet goes",
  blackhole: "the node's route for it is a blackhole",
  unreachable: "the node's route says that it is unreachable",
  prohibit: "the node's route prohibits it",
  ttl: "its TTL or hop limit ends here",
  "too-big": "it is bigger than the link takes, and may not be cut",
  broadcast: "it is for many, and such packets are not forwarded",
  "link-local": "its source is a link-local address, which does not leave its link",
  "not-forwarding": "the node does not forward: net.ipv4.ip_forward or net.ipv6.conf.all.forwarding is 0",
  "rule-loop": "the rules jump deeper than the kernel allows",
  "table-full": "a table of the node is full",
  clash: "another connection took the same translation in the meantime",
  "no-source-address": "it is to be masqueraded, and the interface on its way out has no address",
  "nat-failed": "it could not be translated",
  "tracker-drop": "conntrack itself drops it",
  "fragment-held": "it is a fragment, and waits for the others",
  "fragment-overlap": "its fragments overlap",
  "fragment-duplicate": "the same fragment has come already",
  "fragment-invalid": "it is a fragment that cannot be",
  "fragment-limit": "too many fragments wait",
  "closed-port": "nothing listens on that port of the node",
  "protocol-unreachable": "the node does not know the protocol",
  outbound: "the capture shows it on its way out: it is what came of another packet",
  "duplicate-answer": "the node's answer to an earlier packet, which has been made already",
};

/** Why the packet's way ended, where that was not for the want of an endpoint. */
export function reasonExplanation(walk: PacketWalk): Explanation | undefined {
  if (walk.reason === "rule-drop" || walk.reason === "rule-reject" || walk.reason === "policy-drop")
    return byRule(walk);
  const sentence = REASONS[walk.reason];
  return sentence === undefined ? undefined : explanation(walk.reason, sentence);
}

/** Conntrack has called the packet invalid, so no translation is asked for it. */
export function invalidExplanation({ events }: PacketWalk): Explanation | undefined {
  const track = events.find((event) => event.kind === "track");
  if (track?.kind !== "track" || track.cause === undefined) return undefined;
  return explanation("invalid", `conntrack calls the packet invalid: ${track.cause}; so it is not translated`);
}

function byRule({ events, verdict }: PacketWalk): Explanation {
  const word = verdict === "reject" ? "rejects" : "drops";
  const last = events.findLast((event) => isDeciding(event));
  if (last?.kind === "policy")
    return explanation("policy-drop", `the policy of chain ${last.chain} (${last.family} ${last.table}) ${word} it`);
  const rule = last as RuleEvent | undefined;
  if (rule === undefined) return explanation("rule-drop", `a rule ${word} it`);
  const message = `rule ${rule.index + 1} of chain ${rule.chain} (${rule.family} ${rule.table}) ${word} it: ${rule.text}`;
  const origins = [...new Set(originsOf(events.slice(0, events.indexOf(rule) + 1)))];
  return explanation(
    verdict === "reject" ? "rule-reject" : "rule-drop",
    message,
    origins.map((one) => `it was made for ${one}`),
  );
}

/** The objects for which the rule was made, or else the last element that led to it. */
function originsOf(events: readonly TraceEvent[]): readonly string[] {
  const matched = events.filter((event) => event.kind === "rule").filter((rule) => rule.matched);
  for (const { origin, steps } of matched.toReversed()) {
    const found = [origin, ...steps.map((step) => step.origin)].filter((one) => one !== undefined);
    if (found.length > 0) return found;
  }
  return [];
}

function isDeciding(event: TraceEvent): boolean {
  if (event.kind === "policy") return event.verdict === "drop";
  return event.kind === "rule" && event.matched && (event.verdict === "drop" || event.verdict === "reject");
}
