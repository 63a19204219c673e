/**
 * How long a program may take for a line: a little less than the job may run, so that the program is ended
 * and reported, and not the worker.
 */

/** The job keeps this share of its time for itself. */
const SHARE = 0.1;

/** If that is less than so many milliseconds, the job keeps those, but at most the larger share. */
const ENOUGH = 500;
const SHORT_SHARE = 0.3;

/** How often within its time a line under way is looked at. */
export const LOOKS = 20;

/** Milliseconds that a line may take. @param jobTimeout Seconds that a job may run; 0: for ever */
export function lineLimit(jobTimeout: number): number {
  if (jobTimeout === 0) return Infinity;
  const millis = jobTimeout * 1000;
  return millis - Math.max(SHARE * millis, Math.min(ENOUGH, SHORT_SHARE * millis));
}
