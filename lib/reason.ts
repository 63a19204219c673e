/**
 * What an error says to a user, who knows no calls and no error numbers of the system.
 */

/** What an error says, without the name of the call it came from and its number. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
