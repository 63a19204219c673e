/**
 * Test tool: plays again what a busy machine can spoil, such as a program that gives its jobs two seconds.
 * What is wrong fails each time.
 */

/** Options of {@linkcode again}. */
export interface AgainOptions {
  /** How often it is played at the most. @default {4} */
  tries?: number;
  /** Whether the failure may be the machine's fault. @default {always} */
  when?: (error: Error) => boolean;
}

/** Plays it until it succeeds. @throws what the last try has thrown */
export async function again<T>(
  play: () => Promise<T>,
  { tries = 4, when = () => true }: AgainOptions = {},
): Promise<T> {
  for (let left = tries;; left--) {
    try {
      return await play();
    } catch (error) {
      if (left <= 1 || !when(error as Error)) throw error;
      console.warn(`It is played again: ${(error as Error).message.split("\n")[0]}`);
    }
  }
}
