/**
 * A future: the reply that is due for one line. It has its place in the order of replies, and the caller may
 * take it before or after it has come. A promise is made only if the caller has to wait.
 */

/** What all due replies of a connection add up to. */
export interface ReplyAccount {
  /** Adds callers that wait for a reply; a negative number takes some away. */
  waiting(change: number): void;
  /** Adds bytes of replies that have come and not been taken; a negative number takes some away. */
  held(change: number): void;
}

/** What became of a line. */
type Outcome = { readonly reply: string } | { readonly error: Error };

/** The reply to one line, or a line of the greeting. */
export class DueReply {
  /** The reply that is due behind it. */
  next: DueReply | undefined;
  readonly #account: ReplyAccount;
  #outcome: Outcome | undefined;
  #waiter: PromiseWithResolvers<string> | undefined;
  #abandoned = false;
  #bytes = 0;

  constructor(account: ReplyAccount) {
    this.#account = account;
  }

  /** Takes the reply, once; rejects if there is an error in its place. */
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

  /** Nobody wants the reply any more. It keeps its place in the order. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#bytes > 0) this.#account.held(-this.#bytes);
    this.#bytes = 0;
  }

  /**
   * Says what became of the line, once.
   *
   * @param bytes The memory that the reply takes until it is taken.
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
