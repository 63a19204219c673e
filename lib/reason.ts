/** What an error says to a user, without the system's calls and error numbers. */

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an error says, without the name of the call it came from and its number. */
export function reason(error: unknown): string {
  return messageOf(error).replace(/ \(os error \d+\).*$/s, "");
}
