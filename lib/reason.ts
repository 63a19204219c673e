/** An error's message as users read it. */

/** The whole message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message without the system's error number and what Deno adds behind it: the call and its path. */
export function reason(error: unknown): string {
  return messageOf(error).replace(/ \(os error \d+\).*$/s, "");
}
