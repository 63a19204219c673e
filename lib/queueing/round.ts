/**
 * Round: members in the order in which their turns come, a linked list, from which each can be taken out at
 * once wherever it stands. A member stands in one round at the most.
 */

/** What may stand in a round, which keeps these. */
export interface Member<T extends Member<T>> {
  /** The round that it stands in. */
  round: Round<T> | undefined;
  previous: T | undefined;
  next: T | undefined;
}

/** Members, first come first. */
export class Round<T extends Member<T>> {
  /** Whose turn comes next. */
  first: T | undefined;
  /** Number of members. */
  size = 0;
  #last: T | undefined;

  /** Puts a member at the end, wherever it stood. */
  append(member: T): void {
    member.round?.remove(member);
    member.round = this;
    member.previous = this.#last;
    if (this.#last === undefined) this.first = member;
    else this.#last.next = member;
    this.#last = member;
    this.size++;
  }

  /** Takes a member out that stands here. */
  remove(member: T): void {
    const { previous, next } = member;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    member.round = member.previous = member.next = undefined;
    this.size--;
  }
}
