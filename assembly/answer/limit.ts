/**
 * How often errors are sent: to all hosts together (icmp_global_allow()), to each of them (inet_peer_xrlim_allow()), and
 * how often an IPv4 host is told that its packets cannot be routed, which is from the same budget (ip_error() of route.c,
 * with the defaults of net.ipv4.route.error_cost and error_burst).
 */

import { digest } from "../conntrack/hash";
import * as Engine from "../layout/engine";
import * as Wire from "../layout/wire";
import { clock, count, engine } from "../memory/engine";

const ROUTE_COST: u32 = 1000;
const ROUTE_BURST: u32 = 5000;
/** Errors at once to a host that got none lately (XRLIM_BURST_FACTOR). */
const BURST_FACTOR: u32 = 6;
/** A host that is new has saved up for so long. */
const SAVED_MILLISECONDS: u32 = 60_000;
const CODE_FRAGMENTATION_NEEDED: u32 = 4;
/** What all hosts share is filled up so often at most, and by so much time at most. */
const FILL_MILLISECONDS_MIN: u32 = 20;
const FILL_MILLISECONDS_MAX: u32 = 1000;

/** What a host has left (struct inet_peer). */
@final @unmanaged
class Budget {
  /** Digest of its address; 0: nobody's. */
  host: u64;
  milliseconds: u32;
  /** On the engine's clock, when it was last looked at. */
  lookedAt: u32;
}

/** A power of two. Hosts that share a place push each other out, and begin anew: then more is said than Linux would. */
const PLACES: u32 = 1024;
const BUDGET_SIZE: u32 = 16;
const budgets: usize = memory.data(1024 * 16, 16);
if (offsetof<Budget>() > BUDGET_SIZE) ERROR("Budget is larger than its place");

/** What all hosts have left, in errors, and when that was last filled up. */
let shared: u32 = 0;
let filledAt: u32 = 0 - FILL_MILLISECONDS_MAX;

/** Whether an IPv4 host, address at `host`, may be told once more that there is no way; then that is spent. */
export function mayTellUnroutable(host: usize): bool {
  const budget = budgetOf(4, host);
  const left = saved(budget, ROUTE_BURST);
  const isAllowed = left >= ROUTE_COST;
  budget.milliseconds = isAllowed ? left - ROUTE_COST : left;
  budget.lookedAt = clock();
  return isAllowed;
}

/** Whether an error may go to the address at `host`; then that is spent. Not all types count (net.ipv4.icmp_ratemask). */
export function maySendError(family: u32, type: u32, code: u32, host: usize): bool {
  const settings = engine + (family == 4 ? 0 : 4);
  if (type >= 32 || ((load<u32>(settings, Engine.ERROR_TYPES) >> type) & 1) == 0) return true;
  if (family == 4 && type == Wire.ICMP4_UNREACHABLE && code == CODE_FRAGMENTATION_NEEDED) return true;
  count(Engine.ERRORS_COUNTED);
  if (!hasShared()) {
    count(Engine.ERRORS_BEYOND_ALL);
    return false;
  }
  if (!spend(budgetOf(family, host), load<u32>(settings, Engine.ERROR_INTERVAL))) {
    count(Engine.ERRORS_BEYOND_HOST);
    return false;
  }
  // The kernel takes none, one or two, by lot.
  shared--;
  return true;
}

function hasShared(): bool {
  if (shared != 0) return true;
  const passed = min(clock() - filledAt, FILL_MILLISECONDS_MAX);
  if (passed < FILL_MILLISECONDS_MIN) return false;
  const filled = <u32>(<u64>load<u32>(engine, Engine.ERRORS_A_SECOND) * passed / 1000);
  if (filled == 0) return false;
  shared = min(filled, load<u32>(engine, Engine.ERRORS_AT_ONCE));
  filledAt = clock();
  return shared != 0;
}

/** At one and the same time a budget is not cut to its limit. */
function spend(budget: Budget, interval: u32): bool {
  if (clock() != budget.lookedAt) budget.milliseconds = saved(budget, interval * BURST_FACTOR);
  budget.lookedAt = clock();
  if (budget.milliseconds < interval) return false;
  budget.milliseconds -= interval;
  return true;
}

function saved(budget: Budget, most: u32): u32 {
  return <u32>min<u64>(<u64>budget.milliseconds + (clock() - budget.lookedAt), most);
}

function budgetOf(family: u32, host: usize): Budget {
  const hash = family == 4 ? digest(load<u32>(host), 0) : digest(load<u64>(host), load<u64>(host, 8));
  const budget = changetype<Budget>(budgets + <usize>(<u32>hash & (PLACES - 1)) * BUDGET_SIZE);
  if (budget.host != hash) {
    budget.host = hash;
    budget.milliseconds = 0;
    budget.lookedAt = clock() - SAVED_MILLISECONDS;
  }
  return budget;
}
