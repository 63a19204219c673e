/**
 * The files that options of TLS name: certificates and keys as PEM texts. Of a file without one, Deno's own
 * message names neither the option nor the file, or there is no message at all.
 */

import { quote } from "../option_kinds.ts";
import { readText } from "./command.ts";
import { UsageError } from "./usage_errors.ts";

/** The sections that Deno takes, whole. An encrypted key is not among them. */
const SECTIONS = {
  "a certificate": /-----BEGIN (CERTIFICATE)-----[^-]+-----END \1-----/g,
  "a private key without a password":
    /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[^-]+-----END \1-----/g,
};

/**
 * Reads a PEM file that an option names.
 *
 * @returns its sections of that kind, each from the start of a line: Deno would overlook one behind a byte
 * order mark, or in an indented text
 *
 * @throws {Failure} It cannot be read.
 * @throws {UsageError} It holds no such section, or a certificate that is damaged.
 */
export function readPem(flag: string, path: string, what: keyof typeof SECTIONS): string {
  const sections = readText(flag, path).match(SECTIONS[what])
    ?.map((section) => section.replaceAll(/\s*[\r\n]\s*/g, "\n"));
  if (sections === undefined) {
    throw new UsageError(`${flag} is ${quote(path)}; it must be a PEM file with ${what}`);
  }
  if (what === "a certificate" && !sections.every(isCertificate)) {
    throw new UsageError(
      `${flag} is ${quote(path)}; what it holds is not a valid certificate`,
    );
  }
  return `${sections.join("\n")}\n`;
}

/** Whether a section can be read. Deno reports a damaged one as if the other side had sent it. */
function isCertificate(section: string): boolean {
  // deno-lint-ignore no-process-global -- to import these modules takes 100 ms, which few need
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new X509Certificate(section) !== undefined;
  } catch {
    return false;
  }
}
