/** Where NATS is, as users write it: one URL, or several of one cluster, separated by commas. */

/** A NATS URL, taken apart. */
export interface NatsAddress {
  /** `host:port` of each server. */
  servers: string[];
  /** Whether the connection must be TLS. */
  tls: boolean;
  user?: string;
  pass?: string;
  token?: string;
}

/** What such a URL must be, to stand after "it must be". */
export const NATS_URL_FORM =
  "a URL nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT], or tls://…, or several separated by commas";

const DEFAULT_PORT = "4222";

/** Takes such a text apart; `undefined` where it has another form. */
export function natsAddress(text: string): NatsAddress | undefined {
  const read = text.split(",").map(readUrl);
  const urls = read.filter((url) => url !== undefined);
  if (urls.length < read.length) return undefined;
  const { username: user, password: pass } = urls.find(({ username }) => username !== "") ??
    urls[0];
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port}`),
    tls: urls.some(({ scheme }) => scheme === "tls"),
    ...user !== "" && (pass === "" ? { token: user } : { user, pass }),
  };
}

/** The hosts and ports of a URL, without its secrets, for a log. */
export function natsPlace(text: string): string {
  return natsAddress(text)?.servers.join(",") ?? "";
}

/** The parts of one URL. */
interface Parts {
  scheme: string;
  username: string;
  password: string;
  hostname: string;
  port: string;
}

function readUrl(text: string): Parts | undefined {
  const [, scheme, rest] = /^(nats|tls):\/\/(\S+)$/.exec(text.trim()) ?? [];
  if (scheme === undefined) return undefined;
  // Read as ftp, a scheme whose hosts `URL` checks. It leaves out that scheme's own port, 21.
  const url = URL.parse(`ftp://${rest}`);
  if (url === null || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return undefined;
  }
  const { username, password, hostname } = url;
  try {
    const [user, pass] = [username, password].map(decodeURIComponent);
    const port = url.port || (/:21\/?$/.test(rest) ? "21" : DEFAULT_PORT);
    return { scheme, username: user, password: pass, hostname, port };
  } catch {
    return undefined; // a % that begins no escape
  }
}
