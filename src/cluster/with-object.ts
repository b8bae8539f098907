/** Another object in an object's place: what a controller has written, where the user wrote what it came from. */

import type { Located } from "../manifest/types.ts";

/** Places are looked up only when somebody is told of them. */
export function withObject<T>(located: Located<unknown>, object: T): Located<T> {
  return {
    object,
    get place() {
      return located.place;
    },
    placeOf: (path) => located.placeOf(path),
  };
}
