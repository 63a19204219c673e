/** Arrivals: when the lines of a run were accepted. Lines of one turn of the event loop share a time. */

/** Takes lines `from` to `to` (exclusive); all of them were accepted at the time `at`. */
export type ArrivalVisitor = (at: number, from: number, to: number) => void;

/** The times by line of the run, in milliseconds by `performance.now()`. */
export class Arrivals {
  readonly #first: number;
  /** Where lines with a later time begin; most runs have one time only. */
  #later: { from: number; at: number }[] | undefined;

  constructor(first: number) {
    this.#first = first;
  }

  /** Lines have joined the run: those from `from` on were accepted at this time. */
  add(from: number, at: number): void {
    if (at !== (this.#later?.at(-1)?.at ?? this.#first)) (this.#later ??= []).push({ from, at });
  }

  /** Cuts before line `line`. @returns the times of the lines from there on, now a run of their own */
  splitAt(line: number): Arrivals {
    const later = this.#later;
    if (later === undefined) return new Arrivals(this.#first);
    const earlier = later.filter(({ from }) => from <= line);
    const tail = new Arrivals(earlier.at(-1)?.at ?? this.#first);
    for (const { from, at } of later.slice(earlier.length)) tail.add(from - line, at);
    this.#later = earlier;
    return tail;
  }

  /** Visits lines `from` to `to` (exclusive), once for each time. */
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
