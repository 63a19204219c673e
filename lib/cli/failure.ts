/**
 * What goes wrong while a command runs and is no mistake of this program: one sentence for the user.
 */

/** Such a failure: its message is the sentence, and the exit code 1. */
export class Failure extends Error {
  override name = "Failure";
}

/** What an error says, without the name of the call it came from and its number. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
