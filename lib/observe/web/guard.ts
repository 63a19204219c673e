/**
 * What the page's server refuses before it looks at a path: what a web page elsewhere could make a
 * browser ask, and what no client of it needs.
 */

/** Longest URL, in characters. */
const LONGEST_URL = 2048;

/** Sent with each answer: the page loads its own files and nothing else, and nobody may embed it. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store, no-transform",
};

/**
 * The answer to a request that is refused; `undefined` where it may pass.
 *
 * On a loopback address a name that leads here must be one of the machine's own. A page of another
 * site may have its name resolved to 127.0.0.1 (DNS rebinding): then `Host` tells. The port is not
 * compared, so that a tunnel with another port works.
 */
export function refuse(request: Request, loopback: boolean): Response | undefined {
  const { method, headers, url } = request;
  if (method !== "GET" && method !== "HEAD") {
    return text(405, "only GET and HEAD are served", { allow: "GET, HEAD" });
  }
  if (url.length > LONGEST_URL) return text(414, "the URL is too long");
  const host = headers.get("host");
  if (loopback && (host === null || !isLoopback(hostnameOf(`http://${host}`)))) {
    return text(403, "Host must be localhost or a loopback address; see --web in the docs");
  }
  if (!loopback) return undefined;
  const origin = headers.get("origin");
  const own = origin === null || origin === `http://${host}` || origin === `https://${host}`;
  const site = headers.get("sec-fetch-site");
  // A link on another site may lead here; its scripts and images may not.
  const link = headers.get("sec-fetch-mode") === "navigate";
  const fetched = site === "cross-site" || site === "same-site";
  return own && (!fetched || link) ? undefined : text(403, "this is not for pages of other sites");
}

/** Whether a host's name or address leads to this machine alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** A short answer in words. */
export function text(
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${words}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

function hostnameOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}
