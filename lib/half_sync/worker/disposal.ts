/** The end of a worker's life, where its handler wants to hear of it: its export `dispose` is called. */

import { Guard } from "./guard.ts";

/** Options of {@linkcode runDispose}. */
export interface DisposalOptions {
  /** Seconds that its synchronous part may take, as a job may; 0: for ever. */
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
