/**
 * Read budget of the reactor: for how long the bytes of busy clients may keep it before it looks at its
 * other sockets. The cooperative scheduling of an event loop that cannot interrupt anybody.
 *
 * A read of a socket that has more is done at once, and its promise resolves as a microtask. So a client
 * whose lines need no worker would keep the event loop from turning. Turning alone is not enough: a loop
 * that has work asks the system for ready sockets at every 61st turn only. It asks at once when it has
 * nothing to do, and timers run then, too. So a timer tells that it has asked: until this one runs, all
 * that is over the budget waits, first come first.
 */

/** Milliseconds of work after which the rest waits. */
const LIMIT = 5;

/** Milliseconds of the timer; less than the limit, so that it is due when somebody waits for it. */
const TIMER = 3;

/**
 * What a connection may bring in one round without a look at the budget, in bytes: lines of a client that
 * sends a few now and then wait for nobody.
 */
const LIGHT = 4096;

/** What a read counts for beside its bytes. */
const PER_READ = 64;

/** Work of one event loop, shared by all connections. */
export class ReadBudget {
  /** Grows each time that the reactor has looked at its sockets, as far as is known. */
  round = 0;
  readonly #waiting: (() => Promise<void>)[] = [];
  #readers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer was started, by `performance.now()`. */
  #since = 0;

  /** Somebody begins to read. */
  enter(): void {
    this.#readers++;
  }

  /** A reader reads no more. */
  leave(): void {
    if (--this.#readers > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether work may be done now; else it is to be handed to {@linkcode run}. */
  get open(): boolean {
    return this.#waiting.length === 0 && !this.#spent();
  }

  /** Does the work when its turn has come. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push(async () => {
      try {
        resolve(await work());
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  #spent(): boolean {
    if (this.#timer !== undefined) return performance.now() - this.#since > LIMIT;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#renew(), TIMER);
    return false;
  }

  async #renew(): Promise<void> {
    this.#timer = undefined;
    this.round++;
    while (this.#waiting.length > 0 && !this.#spent()) await this.#waiting.shift()!();
  }
}

/** The budget of this thread's event loop. */
export const readBudget = new ReadBudget();

/** What one connection has brought. */
export class ReadAllowance {
  #bytes = 0;
  #round = 0;

  /** Whether so many bytes may be used now; else a turn is to be asked for. */
  covers(bytes: number): boolean {
    if (this.#round !== readBudget.round) {
      this.#round = readBudget.round;
      this.#bytes = 0;
    }
    this.#bytes += bytes + PER_READ;
    return this.#bytes <= LIGHT || readBudget.open;
  }
}
