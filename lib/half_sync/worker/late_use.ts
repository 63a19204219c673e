/** A context that is used behind its job: never thrown, but reported as what is thrown, with its place. */

import type { ContextUse } from "../../observe/events.ts";

const USES: readonly unknown[] = ["end", "session"] satisfies ContextUse[];

/** An error, for the sake of its stack. */
export class LateUse extends Error {
  readonly #use: ContextUse;

  constructor(use: ContextUse) {
    super("a context was used behind its job");
    this.#use = use;
  }

  /**
   * The use that was thrown, if it was one. Never throws: `instanceof` would ask a proxy that a handler has
   * thrown, and it may throw again.
   */
  static useOf(thrown: unknown): ContextUse | undefined {
    const isObject = typeof thrown === "object" && thrown !== null;
    return isObject && #use in thrown ? thrown.#use : undefined;
  }
}

/** Whether it is a use: a handler that has got hold of the port may send anything. */
export function isUse(value: unknown): value is ContextUse {
  return USES.includes(value);
}
