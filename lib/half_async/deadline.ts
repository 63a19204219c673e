/** Deadline of an arrival's stages: none waits for its client, or for a proxy, longer than this. */

import { closeQuietly } from "./listener.ts";

/** Milliseconds that a stage may take. */
export const DEADLINE = 5000;

/** What happens to a stage that is late. */
export interface Late {
  /** What is closed. */
  conn: { close(): void };
  /** What is thrown. */
  error: Error;
  /** Milliseconds that the stage may take. @default {5000} */
  after?: number;
}

/** Waits for the work of a stage. @throws {Error} `late.error`, if it takes too long */
export async function inTime<T>(work: Promise<T>, late: Late): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    over.reject(late.error);
    closeQuietly(late.conn);
  }, late.after ?? DEADLINE);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The reason, if the stage was TLS's handshake. */
export function noHandshake(): Error {
  return new Error(`no TLS handshake within ${DEADLINE / 1000} seconds`);
}
