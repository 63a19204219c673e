/**
 * The timeout of a client: notices that a server has owed a reply for too long. One timer serves all replies
 * of a connection; it is not set anew for each of them.
 */

/** Milliseconds that a timer may be late; if it is later, the process has stood still. */
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
   * @param timeout Seconds; 0: for ever.
   * @param tooLong Called when a reply has been due for that long.
   */
  constructor(timeout: number, tooLong: () => void) {
    this.#timeoutMs = timeout * 1000;
    this.#tooLong = tooLong;
  }

  /** A reply is due from now on: a line was sent, or the reply before it has come. */
  begin(): void {
    this.#since = performance.now();
    this.#runs = true;
    if (this.#timeoutMs > 0) this.#timer ??= this.#wait(this.#timeoutMs);
  }

  /** No reply is due now, or the client itself does not read. */
  pause(): void {
    this.#runs = false;
  }

  /** Measures no more. */
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
      // Timers run before sockets are read: after a standstill, the reply may be there already.
      const late = performance.now() - expected;
      if (late > LATE_MS) this.#since += late;
      const left = this.#since + this.#timeoutMs - performance.now();
      if (left > 0) this.#timer = this.#wait(Math.max(left, 1));
      else this.#tooLong();
    }, milliseconds);
  }
}
