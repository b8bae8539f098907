/*
 * What established.ts is compared with: the least that translating packets of established connections takes, in C.
 * 64-byte TCP packets of random connections, both directions, are looked up, compared in full, rewritten with
 * incremental checksums, and noted in the sender's and the receiver's window. No checksum is verified and no TCP state
 * kept. Lookups go in groups, with prefetch.
 *
 *   established CONNECTIONS ROUNDS     prints nanoseconds per packet, a round a line
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GROUP = 32, PACKETS = 1 << 20, PACKET_BYTES = 64, SLOTS = 8 };
enum { PROTOCOL = 9, IP_SUM = 10, ADDRESSES = 12, PORTS = 20, SEQUENCE = 24, ACKNOWLEDGED = 28, WINDOW = 34, TCP_SUM = 36 };

/* Two tuples as their packets arrive, and for each direction what its sender sent and may send. One cache line. */
struct side { uint64_t addresses; uint32_t ports, sent, allowed, window, unused[2]; };
struct connection { struct side side[2]; };
/* One cache line: fingerprints, and connection << 1 | direction. A fingerprint of 0 is a free slot. */
struct bucket { uint32_t prints[SLOTS], values[SLOTS]; };

static struct connection *connections;
static struct bucket *buckets;
static uint32_t bucket_mask;
static uint64_t state = 0x2545f4914f6cdd1d;

static uint32_t chance(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state >> 32;
}

static uint64_t get64(const uint8_t *at) { uint64_t value; memcpy(&value, at, 8); return value; }
static uint32_t get32(const uint8_t *at) { uint32_t value; memcpy(&value, at, 4); return value; }
static uint16_t get16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return value; }

static uint64_t hash(uint64_t addresses, uint32_t ports) {
  uint64_t mixed = (addresses ^ (uint64_t)ports << 17) * 0xd6e8feb86659fd93;
  mixed ^= mixed >> 32;
  return mixed * 0xd6e8feb86659fd93;
}
static uint32_t print_of(uint64_t hashed) { return (uint32_t)hashed | 1; }
static struct bucket *bucket_of(uint64_t hashed) { return &buckets[(hashed >> 32) & bucket_mask]; }

static void insert(uint32_t value, const struct side *tuple) {
  uint64_t hashed = hash(tuple->addresses, tuple->ports);
  struct bucket *bucket = bucket_of(hashed);
  for (int slot = 0; slot < SLOTS; slot++) {
    if (bucket->prints[slot] != 0) continue;
    bucket->prints[slot] = print_of(hashed);
    bucket->values[slot] = value;
    return;
  }
}

static uint32_t find(const struct bucket *bucket, uint32_t print) {
  uint32_t match = 0;
  for (int slot = 0; slot < SLOTS; slot++) match |= (uint32_t)(bucket->prints[slot] == print) << slot;
  return match == 0 ? UINT32_MAX : bucket->values[__builtin_ctz(match)];
}

static uint32_t fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32), sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}
static void replace(uint8_t *at, uint64_t difference) {
  uint16_t sum = ~fold((uint16_t)~get16(at) + difference);
  memcpy(at, &sum, 2);
}

static int translate(uint8_t *packet, uint32_t value) {
  struct side *sender = &connections[value >> 1].side[value & 1], *receiver = &connections[value >> 1].side[~value & 1];
  uint64_t from = get64(packet + ADDRESSES), to = receiver->addresses << 32 | receiver->addresses >> 32;
  uint32_t from_ports = get32(packet + PORTS), to_ports = receiver->ports << 16 | receiver->ports >> 16;
  if (sender->addresses != from || sender->ports != from_ports) return 0;
  uint64_t addresses = (uint64_t)(uint32_t)~from + (uint32_t)~(from >> 32) + (uint32_t)to + (uint32_t)(to >> 32);
  replace(packet + IP_SUM, addresses);
  replace(packet + TCP_SUM, addresses + (uint32_t)~from_ports + to_ports);
  memcpy(packet + ADDRESSES, &to, 8);
  memcpy(packet + PORTS, &to_ports, 4);
  uint32_t sequence = __builtin_bswap32(get32(packet + SEQUENCE)), window = __builtin_bswap16(get16(packet + WINDOW));
  uint32_t edge = __builtin_bswap32(get32(packet + ACKNOWLEDGED)) + window;
  if ((int32_t)(sequence - sender->sent) > 0) sender->sent = sequence;
  if (window > sender->window) sender->window = window;
  if ((int32_t)(edge - receiver->allowed) > 0) receiver->allowed = edge;
  return 1;
}

static uint32_t run(uint8_t *packets) {
  uint64_t hashes[GROUP];
  uint32_t values[GROUP], done = 0;
  for (uint8_t *group = packets; group < packets + PACKETS * PACKET_BYTES; group += GROUP * PACKET_BYTES) {
    for (int i = 0; i < GROUP; i++) {
      const uint8_t *packet = group + i * PACKET_BYTES;
      hashes[i] = hash(get64(packet + ADDRESSES), get32(packet + PORTS) + packet[PROTOCOL] - 6);
      __builtin_prefetch(bucket_of(hashes[i]));
    }
    for (int i = 0; i < GROUP; i++) {
      values[i] = find(bucket_of(hashes[i]), print_of(hashes[i]));
      if (values[i] != UINT32_MAX) __builtin_prefetch(&connections[values[i] >> 1]);
    }
    for (int i = 0; i < GROUP; i++)
      if (values[i] != UINT32_MAX) done += translate(group + i * PACKET_BYTES, values[i]);
  }
  return done;
}

static void fill(uint8_t *packets, uint32_t count) {
  memset(packets, 0, PACKETS * PACKET_BYTES);
  for (uint8_t *packet = packets; packet < packets + PACKETS * PACKET_BYTES; packet += PACKET_BYTES) {
    const struct side *side = &connections[chance() % count].side[chance() & 1];
    packet[0] = 0x45, packet[PROTOCOL] = 6;
    memcpy(packet + ADDRESSES, &side->addresses, 8);
    memcpy(packet + PORTS, &side->ports, 4);
  }
}

int main(int argc, char **argv) {
  uint32_t count = argc > 1 ? strtoul(argv[1], 0, 10) : 0, rounds = argc > 2 ? strtoul(argv[2], 0, 10) : 1;
  if (count == 0) return fputs("usage: established CONNECTIONS ROUNDS\n", stderr), 2;
  for (bucket_mask = 1; bucket_mask * SLOTS * 0.5 < count * 2.0; bucket_mask <<= 1) {}
  buckets = aligned_alloc(64, bucket_mask * sizeof *buckets);
  memset(buckets, 0, bucket_mask-- * sizeof *buckets);
  connections = aligned_alloc(64, count * sizeof *connections);
  memset(connections, 0, count * sizeof *connections);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t client = chance(), port = chance() & 0xffff;
    struct side *side = connections[i].side;
    side[0].addresses = client | (uint64_t)chance() << 32, side[0].ports = port | 80 << 24;
    side[1].addresses = chance() | (uint64_t)client << 32, side[1].ports = 8080 | port << 16;
    for (int direction = 0; direction < 2; direction++) insert(i << 1 | direction, &side[direction]);
  }
  uint8_t *packets = aligned_alloc(64, PACKETS * PACKET_BYTES);
  for (uint32_t round = 0; round < rounds; round++) {
    struct timespec start, end;
    fill(packets, count);
    clock_gettime(CLOCK_MONOTONIC, &start);
    uint32_t done = run(packets);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (done < PACKETS * 0.95) return fputs("packets were not found\n", stderr), 1;
    printf("%.3f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / PACKETS);
  }
  return 0;
}
