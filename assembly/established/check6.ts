/** What check.ts says of IPv4 packets, of the IPv6 packets of a group. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { recordOf } from "../conntrack/half";
import { hasOnlyTimestamp, headerBytesOf, isSegmentPlain, readNumbers, readSack } from "../conntrack/plain-segment";
import { engine, hasFlag } from "../memory/engine";
import { copy16 } from "../memory/words";
import { isTransportChecksumRight6 } from "../wire/checksum6";
import { UDP_WAYS, noteWays, ways } from "./check";
import * as Probe from "./probe";

/** Checks the `count` IPv6 packets of a group, whose records are found, if their connections' ways are cached. */
export function checkGroup6(count: u32): void {
  const generation = load<u32>(engine, Engine.GENERATION) & 0xffff;
  noteWays(generation);
  const isVerified = hasFlag(Engine.ENGINE_CHECKSUM);
  for (let n: u32 = 0; n < count; n++) {
    const probe = Probe.otherAt(n);
    const half: usize = load<u32>(probe, Probe.HALF);
    if (<u32>load<u16>(recordOf(half), Connection.GENERATION) != generation) continue;
    const bytes = load<u32>(probe, Probe.BYTES);
    if (bytes < Wire.IP6_SIZE + Wire.UDP_SIZE) continue;
    const packet: usize = load<u32>(probe, Probe.PACKET);
    let way = ways + (half & Connection.REPLY);
    let isSummed = isVerified;
    if (load<u8>(packet, Wire.IP6_NEXT_HEADER) == Protocol.TCP) {
      const word = load<u32>(packet, Wire.IP6_SIZE + Wire.TCP_DATA_OFFSET);
      if (!isSegmentPlain(word)) continue;
      const headerBytes = headerBytesOf(word);
      if (headerBytes < Wire.TCP_SIZE) continue;
      if (headerBytes + Wire.IP6_SIZE > bytes) continue;
      const header = packet + Wire.IP6_SIZE;
      readNumbers(header, bytes - Wire.IP6_SIZE - headerBytes, half, probe + Probe.SEGMENT);
      if (headerBytes != Wire.TCP_SIZE && !hasOnlyTimestamp(header, headerBytes)) readSack(header, probe + Probe.SEGMENT);
    } else {
      if (load<u8>(packet, Wire.IP6_NEXT_HEADER) != Protocol.UDP) continue;
      if (load<u16>(packet, Wire.IP6_SIZE + Wire.UDP_LENGTH) != load<u16>(packet, Wire.IP6_PAYLOAD_LENGTH)) continue;
      if (load<u16>(packet, Wire.IP6_SIZE + Wire.UDP_CHECKSUM) == 0) isSummed = false;
      way += UDP_WAYS;
    }
    if (isSummed && !isTransportChecksumRight6(packet, bytes)) continue;
    copy16(probe + Probe.WANTED, way);
    store<u8>(probe, Probe.PLAIN6, Probe.WANTED + 7);
  }
}

/** Checks a single one, when others of its group may have been forwarded. */
export function checkAlone6(probe: usize): void {
  Probe.setOther(0, probe);
  checkGroup6(1);
}
