/** A time in a sentence. */

/** `1 second`, `30 seconds`, `0.5 seconds`. */
export function secondsText(seconds: number): string {
  return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
}
