/**
 * Test tool: a step again where a pause of the machine may have broken it, for limits of time that no step
 * can do without. What is wrong with the code fails each time.
 */

/** Does it up to three times, until it does not throw. @throws {unknown} what the last of them has thrown */
export async function bestOfThree(step: () => Promise<void>): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await step();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}
