/**
 * What a program writes to its standard error. Lines are told within a budget, and then only counted. So a
 * flood costs the log little, and the program never waits for its reader.
 */

/** Lines that may come at once, and how many more each second. */
const BURST = 100;
const PER_SECOND = 20;

/** Longest line, in UTF-16 code units; the rest of it is left out. */
const LONGEST = 1000;

/** Milliseconds until it is told how many lines were left out. */
const INTERVAL = 1000;

/** Lines of a program's standard error. */
export class Said {
  readonly #tell: (line: string, unsaid: number) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #budget = BURST;
  #refilled = performance.now();
  #unsaid = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = "";

  /** @param tell Takes a line, and how many were left out before it */
  constructor(tell: (line: string, unsaid: number) => void) {
    this.#tell = tell;
  }

  /** Its last words: the last line that is not empty. */
  get last(): string {
    return this.#rest.trim() || this.#last;
  }

  /** Takes what has come. */
  take(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(/\r\n|[\r\n]/);
    this.#rest = lines.pop()!.slice(0, LONGEST);
    for (const line of lines) this.#say(line);
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#rest !== "") this.#say(this.#rest);
    this.#rest = "";
    this.#flush();
  }

  #say(line: string): void {
    if (line.trim() === "") return;
    this.#last = line.slice(0, LONGEST);
    const now = performance.now();
    this.#budget = Math.min(BURST, this.#budget + (now - this.#refilled) / 1000 * PER_SECOND);
    this.#refilled = now;
    if (this.#budget >= 1) {
      this.#budget--;
      this.#tell(this.#last, this.#unsaid);
      this.#unsaid = 0;
      return;
    }
    this.#unsaid++;
    this.#timer ??= setTimeout(() => this.#flush(), INTERVAL);
  }

  /** Tells the last of the lines that were left out, with the number of the others. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unsaid > 0) this.#tell(this.#last, this.#unsaid - 1);
    this.#unsaid = 0;
  }
}
