// A lookup table for Postfix (its tcp_table(5) is the specification), from lines of "key value":
// deno run -A main.ts --handler docs/examples/postfix_table.ts --allow-read=table.txt -- table.txt
import type { HandlerContext } from "../../lib/mod.ts";

export const defaults = { refuseHttp: true, idleTimeout: 0 } as const;

/** Each worker reads the file at its first line; a reload (SIGHUP) makes new workers. */
let table: Map<string, string> | undefined;

function read(file: string): Map<string, string> {
  const entries = Deno.readTextFileSync(file).matchAll(/^([^\s#]\S*)[ \t]+(.*)$/gm);
  return new Map(entries.map(([, key, value]) => [key, value]));
}

export default function postfixTable(line: string, { args: [file] }: HandlerContext): string {
  const [, key] = /^get (\S+)$/.exec(line) ?? [];
  if (key === undefined) return "400 only get is known";
  table ??= read(file);
  const value = table.get(decode(key));
  return value === undefined ? "500 not found" : `200 ${encode(value)}`;
}

/** `%XX` stands for a byte: a space, a percent sign, anything that is not ASCII. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // it is not UTF-8, so it is no key of the file
  }
}

function encode(text: string): string {
  return text.replaceAll(/[^!-$&-~]+/g, encodeURIComponent);
}
