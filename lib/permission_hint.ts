/**
 * Deno's message about a refused permission, without its advice, or with advice that is right for a handler.
 */

/** Deno's advice: its own flags, which stand before the program, and would grant the permission to hsha. */
const ADVICE =
  /,? (?:run again with the|specify the required permissions during compilation using `deno compile) (--allow-[\w-]+)(?: flag|`)/g;

/** The message without Deno's advice. */
export function withoutAdvice(message: string): string {
  return message.replaceAll(ADVICE, "");
}

/** The message with hsha's option in place of Deno's advice. */
export function withHint(message: string): string {
  return message.replaceAll(ADVICE, "; the option $1 grants it to the handler");
}
