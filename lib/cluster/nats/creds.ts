/** The credentials file of NATS: read as a whole, and never shown. */

import { fileFault } from "../../file_fault.ts";
import { quote } from "../../option_kinds.ts";
import { reason } from "../../reason.ts";

/** The most bytes of such a file; a usual one has about a thousand. */
const LARGEST = 2 ** 16;

/**
 * The text of a credentials file; nothing where none is named.
 *
 * @throws {Error} if it cannot be read, in one sentence
 */
export async function readCreds(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const refuse = (why: string) => new Error(`cannot read --nats-creds ${quote(path)}: ${why}`);
  let text: string;
  try {
    const fault = fileFault(await Deno.stat(path), LARGEST);
    if (fault !== undefined) throw new Error(fault);
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw refuse(reason(error));
  }
  if (!/-----BEGIN NATS USER JWT-----/.test(text)) throw refuse("it holds no NATS credentials");
  return text;
}
