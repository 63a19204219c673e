/**
 * Places: how many connections there may be, in all and of one address. A connection holds its place from
 * before its handshake until it is closed. If none is free it waits a moment: another client may have left,
 * and the reactor has not heard of it yet.
 */

/** The option that a refused connection would exceed. */
export type PlaceLimit = "maxConnections" | "maxPerAddress";

/** Options of {@linkcode Places}. */
export interface PlacesOptions {
  /** Most connections at once. */
  maxConnections: number;
  /** Most connections of one address; 0: no limit. */
  maxPerAddress: number;
}

/** A connection that waits for a place. */
interface Waiting {
  address: string | undefined;
  limit: PlaceLimit;
  /** Ticks that it may still wait. */
  ticks: number;
  settle: (limit: PlaceLimit | undefined) => void;
}

/** Connections that may wait; one more is refused at once. */
const MAX_WAITING = 100;

/**
 * How long each waits: ticks, and milliseconds of each. Ticks, because a clock would go on while the reactor
 * stands still. In all it must be longer than an ended connection lingers in silence, or its place comes free
 * too late.
 */
const TICKS = 10;
const TICK = 25;

/** The places of one server. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #ofAddress = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #taken = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /**
   * Takes a place, and waits for it if need be.
   *
   * @returns the limit that is reached, or `undefined` when the place is taken
   */
  take(address: string | undefined): Promise<PlaceLimit | undefined> {
    const limit = this.#reached(address);
    if (limit === undefined) this.#enter(address);
    if (limit === undefined || this.#waiting.size >= MAX_WAITING) return Promise.resolve(limit);
    this.#timer ??= setInterval(() => this.#tick(), TICK);
    return new Promise((settle) => this.#waiting.add({ address, limit, ticks: TICKS, settle }));
  }

  /** Gives a place back; the first waiting connection that may have it takes it. */
  leave(address: string | undefined): void {
    this.#taken--;
    if (address !== undefined) {
      const others = this.#ofAddress.get(address)! - 1;
      if (others === 0) this.#ofAddress.delete(address);
      else this.#ofAddress.set(address, others);
    }
    for (const waiting of this.#waiting) {
      if (this.#reached(waiting.address) !== undefined) continue;
      this.#enter(waiting.address);
      return this.#settle(waiting, undefined);
    }
  }

  /** Ends every wait. */
  end(): void {
    for (const waiting of this.#waiting) this.#settle(waiting, waiting.limit);
  }

  #reached(address: string | undefined): PlaceLimit | undefined {
    const { maxConnections, maxPerAddress } = this.#options;
    if (this.#taken >= maxConnections) return "maxConnections";
    if (address === undefined || maxPerAddress === 0) return undefined;
    return (this.#ofAddress.get(address) ?? 0) >= maxPerAddress ? "maxPerAddress" : undefined;
  }

  #enter(address: string | undefined): void {
    this.#taken++;
    if (address === undefined) return;
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
  }

  #tick(): void {
    for (const waiting of this.#waiting) {
      if (--waiting.ticks === 0) this.#settle(waiting, waiting.limit);
    }
  }

  #settle(waiting: Waiting, limit: PlaceLimit | undefined): void {
    this.#waiting.delete(waiting);
    waiting.settle(limit);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
