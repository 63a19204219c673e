/**
 * How long a program may take for a line: a little less than the job may run, so that the program is ended
 * and reported, and not the worker.
 */

/** What is left to the job, in milliseconds: a share of its time, or more if that is short. */
const SHARE = 0.1;
const SHORT_SHARE = 0.3;
const ENOUGH = 500;

/** How often a line under way is looked at within its time. */
export const LOOKS = 20;

/** Milliseconds for a line. @param jobTimeout Seconds that a job may run; 0: for ever */
export function lineLimit(jobTimeout: number): number {
  if (jobTimeout === 0) return Infinity;
  const millis = jobTimeout * 1000;
  return millis - Math.max(SHARE * millis, Math.min(ENOUGH, SHORT_SHARE * millis));
}
