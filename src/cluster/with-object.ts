/** Another object in an object's place: what a controller has written, where the user wrote what it came from. */

import type { Located, Place } from "../manifest/types.ts";

/** Places are looked up only when somebody is told of them. `prefix` leads to where `object` came from inside the other. */
export function withObject<T>(located: Located<unknown>, object: T, prefix = ""): Located<T> {
  return new Replaced(located, object, prefix);
}

/** A class, because a cluster has tens of thousands: an object with a getter of its own costs a microsecond. */
class Replaced<T> implements Located<T> {
  readonly object: T;
  readonly #origin: Located<unknown>;
  readonly #prefix: string;

  constructor(origin: Located<unknown>, object: T, prefix: string) {
    this.object = object;
    this.#origin = origin;
    this.#prefix = prefix;
  }

  get place(): Place {
    return this.#origin.place;
  }

  placeOf(path: string): Place {
    return this.#origin.placeOf(this.#prefix + path);
  }
}
