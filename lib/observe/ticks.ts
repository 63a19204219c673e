/**
 * A deadline in ticks that have really come. One timer would not do: behind a standstill it is over before
 * anything that was done meanwhile can be heard. Between two ticks the event loop hears.
 */

const TICKS = 10;

/** Calls `over` after so many milliseconds; behind a standstill, later. @returns what calls it off */
export function after(millis: number, over: () => void): () => void {
  let left = TICKS;
  let timer: ReturnType<typeof setTimeout>;
  const wait = () => {
    timer = setTimeout(() => --left > 0 ? wait() : over(), millis / TICKS);
  };
  wait();
  return () => clearTimeout(timer);
}
