/**
 * The files that options of TLS name: certificates and keys as PEM texts. Where one is missing in a
 * file, Deno would say so without a word of the option or the file, or take it silently.
 */

import { quote } from "../option_kinds.ts";
import { readText } from "./command.ts";
import { UsageError } from "./usage_errors.ts";

/** The sections that Deno takes, whole. A key that is encrypted is not among them. */
const SECTIONS = {
  "a certificate": /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/,
  "a private key without a password":
    /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[^-]+-----END \1-----/,
};

/**
 * Reads a PEM file that an option names.
 *
 * @throws {Failure} It cannot be read.
 * @throws {UsageError} It holds no such section.
 */
export function readPem(flag: string, path: string, what: keyof typeof SECTIONS): string {
  const text = readText(flag, path);
  if (SECTIONS[what].test(text)) return text;
  throw new UsageError(`${flag} is ${quote(path)}; it must be a PEM file with ${what}`);
}
