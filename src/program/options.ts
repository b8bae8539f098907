/** Fields of options and extension headers by nft's names: RFC 8200, RFC 9293, RFC 791. */

import * as Protocol from "../../assembly/layout/protocol.ts";
import * as Wire from "../../assembly/layout/wire.ts";
import { valueTypeOf } from "./data-types.ts";
import type { Field } from "./fields.ts";
import { ADDRESS4, BYTE, PROTOCOL, SHORT, WORD } from "./values.ts";

/** An option or header by its number. */
export interface OptionFields {
  readonly kind: number;
  readonly fields: Readonly<Record<string, Field>>;
}

const EXTENSION: Readonly<Record<string, Field>> = {
  nexthdr: { offset: Wire.EXTENSION_NEXT, type: PROTOCOL },
  hdrlength: { offset: Wire.EXTENSION_LENGTH, type: BYTE },
};
const ROUTING: Readonly<Record<string, Field>> = {
  ...EXTENSION,
  type: { offset: 2, type: BYTE },
  "seg-left": { offset: 3, type: BYTE },
};

export const EXTENSIONS: Readonly<Record<string, OptionFields>> = {
  hbh: { kind: Protocol.HOP_BY_HOP, fields: EXTENSION },
  dst: { kind: Protocol.DESTINATION_OPTIONS, fields: EXTENSION },
  rt: { kind: Protocol.ROUTING, fields: ROUTING },
  rt0: { kind: Protocol.ROUTING, fields: ROUTING },
  rt2: { kind: Protocol.ROUTING, fields: ROUTING },
  srh: {
    kind: Protocol.ROUTING,
    fields: { "last-entry": byte(4), flags: byte(5), tag: { offset: 6, type: SHORT } },
  },
  frag: {
    kind: Protocol.FRAGMENT,
    fields: {
      nexthdr: { offset: Wire.EXTENSION_NEXT, type: PROTOCOL },
      reserved: byte(1),
      "frag-off": { offset: Wire.FRAGMENT6_OFFSET, type: SHORT, bits: { bytes: 2, shift: 3, mask: 0x1fff } },
      reserved2: { offset: 3, type: BYTE, bits: { bytes: 1, shift: 1, mask: 3 } },
      "more-fragments": { offset: 3, type: BYTE, bits: { bytes: 1, shift: 0, mask: Wire.FRAGMENT6_MORE } },
      id: { offset: Wire.FRAGMENT6_ID, type: WORD },
    },
  },
  mh: {
    kind: Protocol.MOBILITY,
    fields: {
      ...EXTENSION,
      type: { offset: 2, type: valueTypeOf("mh_type") },
      reserved: byte(3),
      checksum: { offset: 4, type: SHORT },
    },
  },
};

/** All but the two of one byte say their kind and length. */
const OPTION: Readonly<Record<string, Field>> = { kind: byte(0), length: byte(1) };
const SACK_BLOCK = { left: { offset: 2, type: WORD }, right: { offset: 6, type: WORD } } as const;

export const TCP_OPTIONS: Readonly<Record<string, OptionFields>> = {
  eol: { kind: Wire.TCP_OPTION_END, fields: { kind: byte(0) } },
  nop: { kind: Wire.TCP_OPTION_NOP, fields: { kind: byte(0) } },
  maxseg: { kind: Wire.TCP_OPTION_MSS, fields: { ...OPTION, size: { offset: 2, type: SHORT } } },
  window: { kind: Wire.TCP_OPTION_SCALE, fields: { ...OPTION, count: byte(2) } },
  "sack-perm": { kind: Wire.TCP_OPTION_SACK_PERMITTED, fields: OPTION },
  sack: { kind: Wire.TCP_OPTION_SACK, fields: { ...OPTION, ...SACK_BLOCK } },
  sack0: { kind: Wire.TCP_OPTION_SACK, fields: { ...OPTION, ...SACK_BLOCK } },
  timestamp: {
    kind: Wire.TCP_OPTION_TIMESTAMP,
    fields: { ...OPTION, tsval: { offset: 2, type: WORD }, tsecr: { offset: 6, type: WORD } },
  },
  md5sig: { kind: 19, fields: OPTION },
  mptcp: {
    kind: 30,
    fields: { ...OPTION, subtype: { offset: 2, type: BYTE, bits: { bytes: 1, shift: 4, mask: 0xf } } },
  },
  fastopen: { kind: 34, fields: OPTION },
};

const ROUTE_OPTION: Readonly<Record<string, Field>> = {
  type: byte(0),
  length: byte(1),
  ptr: byte(2),
  addr: { offset: 3, type: ADDRESS4 },
};

export const IP_OPTIONS: Readonly<Record<string, OptionFields>> = {
  rr: { kind: 7, fields: ROUTE_OPTION },
  lsrr: { kind: 131, fields: ROUTE_OPTION },
  ssrr: { kind: 137, fields: ROUTE_OPTION },
  ra: { kind: 148, fields: { type: byte(0), length: byte(1), value: { offset: 2, type: SHORT } } },
};

function byte(offset: number): Field {
  return { offset, type: BYTE };
}
