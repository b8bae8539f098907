/** Choices that the control plane makes at random, made from a seed and from what they are for: the same every time. */

/** rand.SafeEncodeString's letters: no vowels and no 0, 1, 3, so that no name becomes a word. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
/** names.maxGeneratedNameLength: what is left of a 63 character label for the name before the suffix. */
const BASE_LENGTH_MAX = 63 - SUFFIX_LENGTH;

/** 32 bits: FNV-1a, then murmur3's last mix, so that names that differ little start far apart. */
export function seededHash(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number as Kubernetes writes the hash of a pod template into names: decimal, each digit as a letter. */
export function safeEncoded(value: number): string {
  return [...value.toString()].map((digit) => LETTERS[digit.charCodeAt(0) % LETTERS.length]).join("");
}

/** `base` and five letters, as the API server completes a generateName; never one that `isTaken`. */
export function generatedName(base: string, seed: number, text: string, isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = base.slice(0, BASE_LENGTH_MAX) + letters(seededHash(seed, `${text}\n${attempt}`));
    if (!isTaken(name)) return name;
  }
}

/** A UUID's form (RFC 9562, version 4), for objects that must have one. */
export function seededUid(seed: number, text: string): string {
  const words = [0, 1, 2, 3].map((part) => seededHash(seed, `${text}\n${part}`).toString(16).padStart(8, "0"));
  const digits = words.join("");
  const rest = `4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${rest}`;
}

function letters(hash: number): string {
  let rest = hash;
  let text = "";
  for (let index = 0; index < SUFFIX_LENGTH; index++) {
    text += LETTERS[rest % LETTERS.length];
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}
