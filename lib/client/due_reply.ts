/**
 * A reply that is due: the place of one line in the order of its connection's replies, and the caller that
 * waits for it. A promise is made only if somebody waits.
 */

/** Told what a {@linkcode DueReply} means for the memory and the attention of its connection. */
export interface ReplyAccount {
  /** So many more wait for a reply (or fewer, when negative). */
  waiting(change: number): void;
  /** So many more bytes of untaken replies are kept (or fewer, when negative). */
  held(change: number): void;
}

/** What came of a line. */
type Outcome = { readonly reply: string } | { readonly error: Error };

/** The reply of one line, or of none: a greeting. */
export class DueReply {
  /** The one that is due behind it. */
  next: DueReply | undefined;
  readonly #account: ReplyAccount;
  #outcome: Outcome | undefined;
  #waiter: PromiseWithResolvers<string> | undefined;
  #abandoned = false;
  #bytes = 0;

  constructor(account: ReplyAccount) {
    this.#account = account;
  }

  /** The reply, for its taker; rejects if there is none. */
  take(): Promise<string> {
    const outcome = this.#outcome;
    if (outcome === undefined) {
      this.#waiter = Promise.withResolvers();
      this.#account.waiting(1);
      return this.#waiter.promise;
    }
    this.abandon();
    return "reply" in outcome ? Promise.resolve(outcome.reply) : Promise.reject(outcome.error);
  }

  /** Nobody wants it any more; it keeps its place in the order. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#bytes > 0) this.#account.held(-this.#bytes);
    this.#bytes = 0;
  }

  /**
   * Says what came of the line, once.
   *
   * @param bytes What it takes to keep it.
   */
  settle(outcome: Outcome, bytes = 0): void {
    if (this.#abandoned) return;
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#outcome = outcome;
      this.#bytes = bytes;
      this.#account.held(bytes);
      return;
    }
    this.#account.waiting(-1);
    if ("reply" in outcome) waiter.resolve(outcome.reply);
    else waiter.reject(outcome.error);
  }
}
