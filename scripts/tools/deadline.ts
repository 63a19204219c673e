/**
 * Test tool: a promise that does not settle in time fails its test by name, instead of hanging it.
 *
 * Time is counted in ticks that have really come, not by the clock: where a machine or a process is
 * paused for a while, a deadline by the clock would be over before anything could run.
 */

/** More milliseconds than one step of a test takes, even on a busy machine. */
export const STEP = 20_000;

/** Milliseconds from one tick to the next. */
const TICK = 100;

/** The promise, or after `millis` milliseconds an error that says what did not happen. */
export async function within<T>(
  promise: PromiseLike<T>,
  what: string,
  millis = STEP,
): Promise<T> {
  let ticks = millis / TICK;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const tick = () => {
      if (--ticks <= 0) reject(new Error(`${what}: not within ${millis} ms`));
      else timer = setTimeout(tick, TICK);
    };
    timer = setTimeout(tick, TICK);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `condition` holds, for what tells nobody when it happens. */
export async function until(
  condition: () => boolean,
  what: string,
  millis = STEP,
): Promise<void> {
  for (let waited = 0; !condition(); waited += 2) {
    if (waited >= millis) throw new Error(`${what}: not within ${millis} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
