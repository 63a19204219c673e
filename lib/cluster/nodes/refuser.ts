/** The executor of last resort: it answers each line at once with an error reply, as nobody can run it. */

import type { Executor, Portion } from "../../queueing/executor.ts";
import { RemoteBatch, type ReplyForm } from "./remote_batch.ts";

/** Answers lines in the place of nodes that are not there. */
export class Refuser implements Executor {
  readonly id = 0;
  readonly load = 0;
  readonly idle = true;
  readonly hasRoom = true;
  readonly #form: () => ReplyForm;
  /** Why, as an error reply says it. */
  #sentence = "";
  #portions: Portion[] = [];

  constructor(form: () => ReplyForm) {
    this.#form = form;
  }

  /** This executor; from now on it gives this reason. */
  because(sentence: string): this {
    this.#sentence = sentence;
    return this;
  }

  send(portion: Portion): void {
    // Not at once: the caller is in the middle of sending.
    if (this.#portions.push(portion) === 1) queueMicrotask(() => this.#answer());
  }

  #answer(): void {
    const portions = this.#portions;
    this.#portions = [];
    for (const portion of portions) new RemoteBatch(0, portion, this.#form()).lost(this.#sentence);
  }
}
