/** Arrivals: when the lines of a run were accepted. Lines of one turn of the event loop share a time. */

/** Takes lines `from` up to, not including, `to`, which were all accepted `at` one time. */
export type ArrivalVisitor = (at: number, from: number, to: number) => void;

/** Times, in milliseconds by `performance.now()`, by the places of the lines in their run. */
export class Arrivals {
  readonly #first: number;
  /** Where lines of a later time begin; most runs have none. */
  #later: { from: number; at: number }[] | undefined;

  constructor(first: number) {
    this.#first = first;
  }

  /** The lines from `from` on, which have joined the run, were accepted at this time. */
  add(from: number, at: number): void {
    if (at !== (this.#later?.at(-1)?.at ?? this.#first)) (this.#later ??= []).push({ from, at });
  }

  /** Cuts before line `line`. @returns the times of the lines from there on, which are a run now */
  splitAt(line: number): Arrivals {
    const later = this.#later;
    if (later === undefined) return new Arrivals(this.#first);
    const earlier = later.filter(({ from }) => from <= line);
    const tail = new Arrivals(earlier.at(-1)?.at ?? this.#first);
    for (const { from, at } of later.slice(earlier.length)) tail.add(from - line, at);
    this.#later = earlier;
    return tail;
  }

  /** Visits the lines from `from` up to, not including, `to`, those of one time together. */
  visit(from: number, to: number, visitor: ArrivalVisitor): void {
    let at = this.#first;
    let begin = from;
    for (const next of this.#later ?? []) {
      const end = Math.min(next.from, to);
      if (end > begin) {
        visitor(at, begin, end);
        begin = end;
      }
      at = next.at;
    }
    if (to > begin) visitor(at, begin, to);
  }
}
