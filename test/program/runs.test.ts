/** Which instructions of a rule are carried out at once. */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import type { Instruction } from "../../src/program/rule.ts";
import { operationsOf } from "../../src/program/runs.ts";

const { OP_BITWISE, OP_COMPARE, OP_LOAD_CT, OP_LOAD_META, OP_LOAD_NETWORK, OP_LOAD_TRANSPORT, OP_LOOKUP } = Layout;

const dst: Instruction = { operation: OP_LOAD_NETWORK, register: 0, length: 4, x: 16 };
const dst6: Instruction = { operation: OP_LOAD_NETWORK, register: 0, length: 16, x: 24 };
const protocol: Instruction = { operation: OP_LOAD_META, register: 4, length: 4, x: Keys.META_PROTOCOL };
const port: Instruction = { operation: OP_LOAD_TRANSPORT, register: 8, length: 2, x: 2 };
const state: Instruction = { operation: OP_LOAD_CT, register: 0, length: 4, x: Keys.CT_KEY_STATE };
const time: Instruction = { operation: OP_LOAD_META, register: 0, length: 8, x: Keys.META_TIME };
const mask: Instruction = { operation: OP_BITWISE, register: 0, length: 4, x: 0xff };
const equal: Instruction = { operation: OP_COMPARE, register: 0, length: 4, options: Layout.COMPARE_EQUAL, x: 10 };
const lookup: Instruction = { operation: OP_LOOKUP, register: 0, length: 12 };

describe("a run", () => {
  test.each<[string, Instruction[], number[]]>([
    ["is a load and its comparison", [dst, equal], [Layout.RUN_TEST | OP_LOAD_NETWORK, OP_COMPARE]],
    [
      "is a load, a mask and a comparison",
      [state, mask, { ...equal, options: Layout.COMPARE_NOT_EQUAL }],
      [Layout.RUN_MASKED | OP_LOAD_CT, OP_BITWISE, OP_COMPARE],
    ],
    ["is the loads of a key", [protocol, port, lookup], [Layout.RUN_KEY | OP_LOAD_META, OP_LOAD_TRANSPORT, OP_LOOKUP]],
    [
      "is an address, the protocol and a port",
      [dst, protocol, port, lookup],
      [Layout.RUN_TUPLE | OP_LOAD_NETWORK, OP_LOAD_META, OP_LOAD_TRANSPORT, OP_LOOKUP],
    ],
    [
      "is what stands before these",
      [{ ...dst, register: 12 }, dst, protocol, port],
      [Layout.RUN_KEY | OP_LOAD_NETWORK, Layout.RUN_TUPLE | OP_LOAD_NETWORK, OP_LOAD_META, OP_LOAD_TRANSPORT],
    ],
    [
      "takes these only in registers one after the other",
      [dst, protocol, { ...port, register: 12 }],
      [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_LOAD_META, OP_LOAD_TRANSPORT],
    ],
    [
      "takes no port from behind the ports",
      [dst, protocol, { ...port, x: 4 }],
      [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_LOAD_META, OP_LOAD_TRANSPORT],
    ],
    [
      "may follow another",
      [{ ...protocol, register: 0 }, equal, dst, equal],
      [Layout.RUN_TEST | OP_LOAD_META, OP_COMPARE, Layout.RUN_TEST | OP_LOAD_NETWORK, OP_COMPARE],
    ],
    ["is a load by itself", [dst, { ...lookup, length: 4 }], [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_LOOKUP]],
    [
      "begins behind a load of more than a word",
      [dst6, protocol, port],
      [OP_LOAD_NETWORK, Layout.RUN_KEY | OP_LOAD_META, OP_LOAD_TRANSPORT],
    ],
    ["has no value that is no word", [time, equal], [OP_LOAD_META, OP_COMPARE]],
    ["compares no other register", [dst, { ...equal, register: 4 }], [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_COMPARE]],
    [
      "masks no other register",
      [dst, { ...mask, register: 4 }, equal],
      [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_BITWISE, OP_COMPARE],
    ],
    [
      "compares no order",
      [dst, { ...equal, options: Layout.COMPARE_LESS }],
      [Layout.RUN_KEY | OP_LOAD_NETWORK, OP_COMPARE],
    ],
  ])("%s", (_, instructions, operations) => {
    expect(operationsOf(instructions)).toEqual(operations);
  });
});
