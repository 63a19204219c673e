/**
 * What Deno says of a refused permission, with advice that fits a handler. Deno's own advice is not for
 * handlers.
 */

/** Deno's advice. It names Deno's own flags, which would stand before the program and grant hsha. */
const ADVICE =
  /,? (?:run again with the|specify the required permissions during compilation using `deno compile) (--allow-[\w-]+)(?: flag|`)/g;

/** A message without Deno's advice. */
export function withoutAdvice(message: string): string {
  return message.replaceAll(ADVICE, "");
}

/** A message in which Deno's advice, if any, is replaced by the option that grants it to the handler. */
export function withHint(message: string): string {
  return message.replaceAll(ADVICE, "; the option $1 grants it to the handler");
}
