/** What Deno says of a refused permission, with advice that fits a handler: Deno's is for its own flags. */

/** Deno's advice, which names its own flags: they would stand before the program, where they grant hsha. */
const ADVICE =
  /,? (?:run again with the|specify the required permissions during compilation using `deno compile) (--allow-[\w-]+)(?: flag|`)/g;

/** A message in which Deno's advice, if it is there, names the option that grants it to the handler. */
export function withHint(message: string): string {
  return message.replaceAll(ADVICE, "; the option $1 grants it to the handler");
}
