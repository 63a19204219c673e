/**
 * Keeps web pages from driving a handler. A page can have a browser send an HTTP request to any port, and
 * each line of its body would be a job. The first line of a connection gives it away.
 *
 * Sources: RFC 9112, section 3 (request line), RFC 8446, section 5.1 (TLS record).
 */

/** What a web client is told. */
export const NO_HTTP = "this is no web server: HTTP requests are refused";

/** A method: any one, as a page may choose it. */
const METHOD = /^[\w!#$%&'*+.^`|~-]+$/;

/** What a target begins with: a path, an address, or nothing but an asterisk. */
const TARGET = /^(?:\/|[a-z][a-z0-9+.-]*:\/\/|\*$)/i;

const VERSION = /^HTTP\/\d\.\d$/;

/** Methods that a browser uses without asking the server first. */
const METHODS = [
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PRI",
  "PUT",
  "TRACE",
];

/** A TLS client's first bytes, on a connection without TLS: the page's address began with `https`. */
const TLS_HELLO = "\x16\x03";

/**
 * Whether a connection's first line is that of a web client.
 *
 * @param line Its bytes, one code unit each; only the beginning if it is too long
 * @param tooLong Whether it is too long: then its beginning decides
 */
export function isWebClient(line: string, tooLong: boolean): boolean {
  if (line.startsWith(TLS_HELLO)) return true;
  const parts = line.split(" ", 4);
  return tooLong ? beginsRequest(parts) : isRequest(parts);
}

function isRequest([method, target, version, ...others]: string[]): boolean {
  return version !== undefined && others.length === 0 && VERSION.test(version) &&
    isTarget(method, target);
}

function beginsRequest([method, target, version, ...others]: string[]): boolean {
  if (target === undefined) return METHODS.some((known) => known.startsWith(method));
  if (version === undefined) return METHODS.includes(method) || isTarget(method, target);
  return others.length === 0 && isTarget(method, target) &&
    ("HTTP/".startsWith(version) || version.startsWith("HTTP/"));
}

function isTarget(method: string, target: string): boolean {
  return METHOD.test(method) && (method === "CONNECT" || TARGET.test(target));
}
