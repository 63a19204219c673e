/** Heap: members by their start, the earliest first; each can be moved or taken out wherever it stands. */

/** What may stand in a heap. */
export interface Startable {
  /** What the members are ordered by; whoever changes it calls {@linkcode Heap.put}. */
  start: number;
  /** Where it stands; -1 outside. Kept by the heap, and so a member of one at the most. */
  place: number;
}

/** A binary heap. */
export class Heap<T extends Startable> {
  readonly #members: T[] = [];

  /** The member with the earliest start. */
  get first(): T | undefined {
    return this.#members[0];
  }

  /** Puts a member in; or, if it stands here already, where its start belongs now. */
  put(member: T): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
    this.#rise(member);
    this.#sink(member);
  }

  /** Takes a member out, if it stands here. */
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
      if (parent.start <= member.start) return;
      this.#swap(parent, member);
    }
  }

  #sink(member: T): void {
    for (;;) {
      const left: T | undefined = this.#members[2 * member.place + 1];
      if (left === undefined) return;
      const right: T | undefined = this.#members[2 * member.place + 2];
      const child = right !== undefined && right.start < left.start ? right : left;
      if (child.start >= member.start) return;
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
