/** The few libc calls behind the kernel tests: raw sockets, network namespaces and the CPU that we run on. */

import { closeSync, openSync, readFileSync } from "node:fs";
import koffi from "koffi";

/** Bound on first use, so that this file can be imported where there is no such libc. */
let bound: ReturnType<typeof bindLibc> | undefined;

function bindLibc() {
  const libc = koffi.load("libc.so.6");
  return {
    setns: libc.func("int setns(int fd, int type)"),
    socket: libc.func("int socket(int domain, int type, int protocol)"),
    bind: libc.func("int bind(int fd, const uint8_t *address, uint32_t bytes)"),
    setsockopt: libc.func("int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t bytes)"),
    send: libc.func("int64_t send(int fd, const uint8_t *data, size_t bytes, int flags)"),
    recv: libc.func("int64_t recv(int fd, _Out_ uint8_t *data, size_t bytes, int flags)"),
    ifNameToIndex: libc.func("uint32_t if_nametoindex(const char *name)"),
    schedSetaffinity: libc.func("int sched_setaffinity(int pid, size_t bytes, const uint8_t *mask)"),
  };
}

export function libc() {
  bound ??= bindLibc();
  return bound;
}

const CLONE_NEWNET = 0x40000000;
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
/** ETH_P_ALL in network order: every frame. */
const EVERY_FRAME = 0x0300;
const EAGAIN = 11;
const FRAME_BYTES_MAX = 65536;
const CPU_MASK_BYTES = 128;

/** A frame socket on one interface: sends what it is given, receives what arrives there, never what it sent itself. */
export class FrameSocket {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(FRAME_BYTES_MAX);

  constructor(namespace: string, interfaceName: string) {
    this.#fd = inNamespace(namespace, () => openFrameSocket(interfaceName));
  }

  send(frame: Uint8Array): void {
    checked("send", libc().send(this.#fd, frame, frame.length, 0));
  }

  /** The next frame that has arrived, or undefined. */
  receive(): Uint8Array | undefined {
    const bytes = libc().recv(this.#fd, this.#buffer, FRAME_BYTES_MAX, 0);
    if (bytes < 0 && koffi.errno() === EAGAIN) return undefined;
    return this.#buffer.slice(0, checked("recv", bytes));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Keeps this thread on one of its CPUs, so that the frames it sends pass the kernel one after the other. */
export function pinToOneCpu(): void {
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/thread-self/status", "utf8"));
  const cpu = Number(allowed?.[1] ?? 0);
  const mask = new Uint8Array(CPU_MASK_BYTES);
  mask[cpu >> 3] = 1 << (cpu & 7);
  checked("sched_setaffinity", libc().schedSetaffinity(0, mask.length, mask));
}

function openFrameSocket(interfaceName: string): number {
  const index = checked("if_nametoindex", libc().ifNameToIndex(interfaceName) || -1);
  const fd = checked("socket", libc().socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, EVERY_FRAME));
  const yes = new Uint8Array([1, 0, 0, 0]);
  checked("setsockopt", libc().setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, yes, yes.length));
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, EVERY_FRAME, true);
  view.setInt32(4, index, true);
  checked("bind", libc().bind(fd, address, address.length));
  return fd;
}

/** Calls `work` with this thread inside a named network namespace, and returns to our own whatever happens. */
export function inNamespace<T>(namespace: string, work: () => T): T {
  const own = openSync("/proc/thread-self/ns/net", "r");
  const other = openSync(`/var/run/netns/${namespace}`, "r");
  try {
    checked("setns", libc().setns(other, CLONE_NEWNET));
    return work();
  } finally {
    checked("setns", libc().setns(own, CLONE_NEWNET));
    closeSync(other);
    closeSync(own);
  }
}

export function checked(call: string, result: number): number {
  if (result < 0) throw new Error(`${call} failed: errno ${koffi.errno()}`);
  return result;
}
