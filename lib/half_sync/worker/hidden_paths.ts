/**
 * Takes the paths of files out of a message for a client. A path may hold spaces, quotation marks and
 * anything else, so its end is often unknown: rather too much is hidden than too little.
 */

const HIDDEN = "a path";

/** Where a path begins: an absolute one of POSIX or Windows; `./`, `../` and `~/`; a file URL. */
const START =
  /file:\/|(?<![\p{L}\p{N}_.)\]/\\~]|\w:(?=\/\/(?!\/)))(?:[A-Za-z]:[\\/]|[\\/])[^\s"'`)\]]|(?<![\p{L}\p{N}_./\\])(?:\.\.?|~)[\\/]\S/u;

/** A relative path: a word whose name behind the last `/` or `\` has an ending. */
const RELATIVE = /^(?!\w[\w+.-]*:\/\/).*[\\/][^\\/]*\.[A-Za-z]/s;

/** The first word with a `/` or `\` that is no URL. */
const FIRST_SLASHED = /(?<![^\s"'`])(?!\w[\w+.-]*:\/\/)[^\s"'`]*[\\/]/u;

/** A text in quotation marks that is no URL; an apostrophe opens none. */
const QUOTATION = /(["`]|(?<![\p{L}\p{N}_])')(?!\w[\w+.-]*:\/\/)([^"'`\n]*)\1/gu;

/** From the first quotation mark to the last, as names may hold them; an apostrophe is none. */
const QUOTED = /(["`]|(?<![\p{L}\p{N}_])')(?:.*\1|.*)/gsu;

/** A message without what it quotes: Deno quotes the paths that it was given. */
export function withoutQuoted(message: string): string {
  return message.replace(QUOTED, HIDDEN);
}

/** A message without paths. */
export function withoutPaths(message: string): string {
  if (!/[\\/]/.test(message)) return message;
  const start = START.exec(message)?.index;
  if (start === undefined) {
    const unquoted = message.replace(
      QUOTATION,
      (all, _, text) => /[\\/]/.test(text) ? HIDDEN : all,
    );
    return withoutRelative(unquoted);
  }
  const opening = quoteBefore(message, start);
  if (opening < 0) return `${withoutRelative(message.slice(0, start))}${HIDDEN}`;
  // Up to the last mark of this kind; all of it, if none comes or the rest looks like a path.
  const before = withoutRelative(message.slice(0, opening));
  const end = message.lastIndexOf(message[opening]);
  const rest = end > start ? message.slice(end + 1) : "";
  return `${before}${HIDDEN}${/[\\/]/.test(rest) ? "" : rest}`;
}

function withoutRelative(message: string): string {
  if (!message.split(/[\s"'`,;]+/).some((word) => RELATIVE.test(word))) return message;
  const start = message.search(FIRST_SLASHED); // its folder may hold a space, and another `/` before it
  const colon = message.lastIndexOf(": ", start); // what stands between may belong to it
  return message.slice(0, colon < 0 ? start : colon + 2) + HIDDEN;
}

/** The quotation mark of a path at `start`: right before it, or before its scheme. */
function quoteBefore(message: string, start: number): number {
  const [before] = /(?:[\w+.-]+:)?$/.exec(message.slice(0, start))!;
  const index = start - before.length - 1;
  return index >= 0 && "\"'`".includes(message[index]) ? index : -1;
}
