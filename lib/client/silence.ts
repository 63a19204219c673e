/**
 * The clock of a client: tells when a server has owed a reply for too long. One timer serves all replies of a
 * connection; it is not set again for each of them.
 */

/** Milliseconds by which a timer may be late before the process is said to have stood still. */
const LATE_MS = 50;

/** Measures how long the next reply has been due. */
export class Silence {
  readonly #timeoutMs: number;
  readonly #tooLong: () => void;
  #since = 0;
  /** Whether a reply is due, and the client reads. */
  #runs = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param timeout Seconds; 0 for ever.
   * @param tooLong Called once, when they are over.
   */
  constructor(timeout: number, tooLong: () => void) {
    this.#timeoutMs = timeout * 1000;
    this.#tooLong = tooLong;
  }

  /** From now on a reply is due: a line was sent, or the reply before it has come. */
  begin(): void {
    this.#since = performance.now();
    this.#runs = true;
    if (this.#timeoutMs > 0) this.#timer ??= this.#wait(this.#timeoutMs);
  }

  /** No reply is due, or the client itself does not read. */
  pause(): void {
    this.#runs = false;
  }

  /** For good. */
  end(): void {
    this.#runs = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(milliseconds: number): ReturnType<typeof setTimeout> {
    const expected = performance.now() + milliseconds;
    return setTimeout(() => {
      this.#timer = undefined;
      if (!this.#runs) return;
      // Timers run before sockets are read: after a standstill the reply may be there already.
      const late = performance.now() - expected;
      if (late > LATE_MS) this.#since += late;
      const left = this.#since + this.#timeoutMs - performance.now();
      if (left > 0) this.#timer = this.#wait(Math.max(left, 1));
      else this.#tooLong();
    }, milliseconds);
  }
}
