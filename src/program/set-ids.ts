/** Numbers for dynamic sets, the same for the same set in every program of an engine. */

/**
 * An id belongs to a set while programs have it. When one is compiled without the set, the engine forgets the elements
 * as it activates it, and the id may go to another set in the program after that.
 */
export class SetIds {
  #ids = new Map<string, number>();
  #seen = new Map<string, number>();
  #free: number[] = [];
  #next = 1;

  /** The id of a set, by whatever names it in the ruleset. */
  idOf(name: string): number {
    const id = this.#seen.get(name) ?? this.#ids.get(name) ?? this.#free.pop() ?? this.#next++;
    this.#seen.set(name, id);
    return id;
  }

  /** Ends a program: sets that it did not ask for are gone. */
  endProgram(): void {
    for (const [name, id] of this.#ids) if (!this.#seen.has(name)) this.#free.push(id);
    this.#ids = this.#seen;
    this.#seen = new Map();
  }

  /** One more than the highest id ever given. */
  get limit(): number {
    return this.#next;
  }
}
