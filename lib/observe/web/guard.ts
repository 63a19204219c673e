/**
 * The guard in front of the page's server: refuses what pages of other sites could make a browser ask, and
 * what no client needs.
 */

/** Longest URL, in characters. */
const LONGEST_URL = 2048;

/** Headers of each answer: the page may load only its own files, and no other page may embed it. */
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
 * The answer to a request that is refused; `undefined` if it may pass.
 *
 * On a loopback address, `Host` must name this machine. Another site may have its own name resolved to
 * 127.0.0.1 (DNS rebinding), and `Host` gives it away. The port may differ, so that a tunnel works.
 *
 * @param loopback Whether the page is served on a loopback address.
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
  // Another site may link to this page, but its scripts and images may not ask for it.
  const link = headers.get("sec-fetch-mode") === "navigate";
  const fetched = site === "cross-site" || site === "same-site";
  return own && (!fetched || link) ? undefined : text(403, "this is not for pages of other sites");
}

/** Whether a host's name or address leads to this machine alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** An answer of one sentence. */
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
