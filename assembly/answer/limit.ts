/**
 * How often a host is told that its packets cannot be routed: ip_error() of Linux's route.c spends from a budget for
 * each source, with the defaults of net.ipv4.route.error_cost and error_burst: five at once, then one a second.
 */

import { clock } from "../memory/engine";

const COST_MILLISECONDS: u32 = 1000;
const BURST_MILLISECONDS: u32 = 5000;

/** What a source has left. */
@final @unmanaged
class Budget {
  /** In network order; 0: nobody's. */
  address: u32;
  milliseconds: u32;
  /** On the engine's clock, when it was last looked at. */
  lookedAt: u32;
}

/** A power of two. Sources that share a place push each other out, and begin anew: then more is said than Linux would. */
const PLACES: u32 = 1024;
const BUDGET_SIZE: u32 = 16;
const budgets: usize = memory.data(1024 * 16, 16);
/** Spreads addresses: 2^32 divided by the golden ratio. */
const SPREAD: u32 = 0x9e3779b1;

if (offsetof<Budget>() > BUDGET_SIZE) ERROR("Budget is larger than its place");

/** Whether an IPv4 source (network order) may be told once more; then that is spent. */
export function mayTellUnroutable(address: u32): bool {
  const budget = budgetOf(address);
  const now = clock();
  const saved = <u64>budget.milliseconds + (now - budget.lookedAt);
  const left = <u32>min<u64>(saved, BURST_MILLISECONDS);
  const isAllowed = left >= COST_MILLISECONDS;
  budget.milliseconds = isAllowed ? left - COST_MILLISECONDS : left;
  budget.lookedAt = now;
  return isAllowed;
}

function budgetOf(address: u32): Budget {
  const place = ((address * SPREAD) >> 16) & (PLACES - 1);
  const budget = changetype<Budget>(budgets + <usize>place * BUDGET_SIZE);
  if (budget.address != address) {
    budget.address = address;
    budget.milliseconds = BURST_MILLISECONDS;
    budget.lookedAt = clock();
  }
  return budget;
}
