/** Where the page is served, in the form of the command line: `[HOST:]PORT`. */

import type { WebAddress } from "./web/protocol.ts";

/** What an address must be, to stand after "it must be". */
export const WEB_ADDRESS_FORM = "[HOST:]PORT, with brackets around an IPv6 address";

/** The address that a text names, on 127.0.0.1 if it names no host; `undefined` if it is none. */
export function webAddress(text: string): WebAddress | undefined {
  const parts = /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]/@]+)):)?(\d{1,5})$/i.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, name, digits] = parts;
  const port = Number(digits);
  return port > 65_535 ? undefined : { hostname: ipv6 ?? name ?? "127.0.0.1", port };
}
