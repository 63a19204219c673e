/** The end of a worker's life, if its handler wants to hear of it: calls its export `dispose`. */

import { Guard } from "./guard.ts";

/** Options of {@linkcode runDispose}. */
export interface DisposalOptions {
  /** Seconds that its synchronous part may take, like a job; 0: for ever. */
  jobTimeout: number;
  /** Told of what it throws. */
  stray: (thrown: unknown) => void;
}

/** Calls `dispose`, if there is one. Never rejects; resolves when it has ended, or has been stopped. */
export async function runDispose(
  dispose: (() => unknown) | undefined,
  { jobTimeout, stray }: DisposalOptions,
): Promise<void> {
  if (dispose === undefined) return;
  let ended: unknown;
  new Guard(jobTimeout * 1000).run(() => {
    try {
      ended = dispose();
    } catch (thrown) {
      stray(thrown);
    }
  });
  try {
    await ended;
  } catch (thrown) {
    stray(thrown);
  }
}
