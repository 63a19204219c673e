/** Says why a server does not start, where Deno's own words name neither the option nor the file. */

import { enumerate, type Given, quote } from "../option_kinds.ts";
import { PERMISSION_NAMES } from "../option_table.ts";
import { Failure } from "./failure.ts";
import { permissionFlag, type SERVE_TABLE } from "./serve_table.ts";
import { UsageError } from "./usage_errors.ts";

/** The mistake or failure in a better sentence, or a failure with the message as it is. */
export function explainStart(
  message: string,
  given: Partial<Given<typeof SERVE_TABLE>>,
): UsageError | Failure {
  const fault = given.tlsCert === undefined ? undefined : tlsFault(message, given);
  if (fault !== undefined) return new UsageError(fault);
  if (message.includes("escalate parent thread permissions")) {
    const flags = PERMISSION_NAMES.filter((name) => given[permissionFlag(name)])
      .map((name) => `--allow-${name}`);
    return new Failure(
      `cannot grant the handler ${enumerate(flags, "and")}: this program has no such permission ` +
        "itself; start it with deno run -A",
    );
  }
  if (given.handler !== undefined && message.includes(": SyntaxError: ")) {
    return new Failure(`${message}; deno check ${quote(given.handler)} shows the line`);
  }
  return new Failure(message);
}

/** What is wrong with files that hold a certificate and a key. */
function tlsFault(
  message: string,
  { tlsCert, tlsKey }: Given<typeof SERVE_TABLE>,
): string | undefined {
  const [cert, key] = [`--tls-cert ${quote(tlsCert)}`, `--tls-key is ${quote(tlsKey)}`];
  if (message.includes("KeyMismatch")) return `${key}; it must be the key that belongs to ${cert}`;
  if (/failed to parse private key|Unable to decode key/.test(message)) {
    return `${key}; what it holds is not a valid private key`;
  }
  if (/BadEncoding|decode certificate/.test(message)) {
    return `--tls-cert is ${quote(tlsCert)}; what it holds is not a valid certificate`;
  }
}
