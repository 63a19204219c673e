/** Where the page is to be served, as the command line says it: `[HOST:]PORT`. */

import type { WebAddress } from "./web/protocol.ts";

/** What an address must be, to stand after "it must be". */
export const WEB_ADDRESS_FORM = "[HOST:]PORT, with brackets around an IPv6 address";

/** The address of a text; on 127.0.0.1 where it names no host, `undefined` where it is none. */
export function webAddress(text: string): WebAddress | undefined {
  const parts = /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]/@]+)):)?(\d{1,5})$/i.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, name, digits] = parts;
  const port = Number(digits);
  return port > 65_535 ? undefined : { hostname: ipv6 ?? name ?? "127.0.0.1", port };
}
