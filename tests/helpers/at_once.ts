/**
 * Test tool: cases of one test that run at the same time, each a step of it. What they do is wait most of
 * the time, for a program that starts or for a limit of time.
 *
 * Leaks are looked for when all have ended: what one has open is no leak of another.
 */

/** One case. */
export interface Case {
  name: string;
  /** Whether it is left out. @default {false} */
  ignore?: boolean;
  fn: () => Promise<void>;
}

/** Cases under way at the same time. */
const AT_ONCE = 4;

/** Runs cases, some of them at the same time, the others as those end. */
export async function atOnce(test: Deno.TestContext, cases: Iterable<Case>): Promise<void> {
  const waiting = Iterator.from(cases);
  const unguarded = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const lane = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      await test.step({ ...next.value, ...unguarded });
    }
  };
  // The first one alone: what it loads, and `deno test` checks the types of, the others find in the cache.
  const first = waiting.next();
  if (first.done) return;
  await test.step({ ...first.value, ...unguarded });
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
