/** Heap: a priority queue. Any member can be moved or taken out, not only the first. */

/** What may stand in a heap. */
export interface HeapMember {
  /** Its index in the heap; -1 outside. Only the heap writes it, so a member is in one heap at the most. */
  place: number;
  /** Whether it comes before the other one. When that changes, call {@linkcode Heap.put}. */
  isBefore(other: HeapMember): boolean;
}

/** A binary heap. */
export class Heap<T extends HeapMember> {
  readonly #members: T[] = [];

  /** The member that comes before all others. */
  get first(): T | undefined {
    return this.#members[0];
  }

  /** Puts a member in, or moves one that is in to where it belongs now. */
  put(member: T): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
    this.#rise(member);
    this.#sink(member);
  }

  /** Takes a member out, if it is in. */
  remove(member: T): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop()!;
    if (last === member) return;
    this.#set(last, place);
    this.put(last);
  }

  #rise(member: T): void {
    while (member.place > 0) {
      const parent = this.#members[(member.place - 1) >> 1];
      if (!member.isBefore(parent)) return;
      this.#swap(parent, member);
    }
  }

  #sink(member: T): void {
    for (;;) {
      const left: T | undefined = this.#members[2 * member.place + 1];
      if (left === undefined) return;
      const right: T | undefined = this.#members[2 * member.place + 2];
      const child = right?.isBefore(left) ? right : left;
      if (!child.isBefore(member)) return;
      this.#swap(member, child);
    }
  }

  #swap(one: T, other: T): void {
    const { place } = one;
    this.#set(one, other.place);
    this.#set(other, place);
  }

  #set(member: T, place: number): void {
    member.place = place;
    this.#members[place] = member;
  }
}
