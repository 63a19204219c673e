/** Where NATS is, from a command line: `--nats`, or NATS's own variable. */

import { NATS_URL_FORM, natsAddress } from "../cluster/nats/address.ts";
import { quote } from "../option_kinds.ts";
import { UsageError } from "./usage_errors.ts";
import { readVariable } from "./variables.ts";

/** The variable that NATS's own programs read. */
const VARIABLE = "NATS_URL";

/**
 * The URL in `--nats`, or else in the variable.
 *
 * @param needed Why there must be one, as the beginning of a sentence.
 * @throws {UsageError} There is none, or the variable's is not valid.
 */
export function natsUrl(nats: string | undefined, needed: string): string {
  const url = nats ?? readVariable(VARIABLE);
  if (url === undefined || url === "") {
    throw new UsageError(`${needed}; it needs --nats, or the variable ${VARIABLE}`);
  }
  if (natsAddress(url) !== undefined) return url;
  throw new UsageError(`${VARIABLE} is ${quote(url)}; it must be ${NATS_URL_FORM}`);
}
