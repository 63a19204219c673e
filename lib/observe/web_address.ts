/** Reads the address of the live page as users write it: `[HOST:]PORT`. */

import type { WebAddress } from "./web/protocol.ts";

/** The form of such an address, in words that follow "it must be". */
export const WEB_ADDRESS_FORM = "[HOST:]PORT, with brackets around an IPv6 address";

/** The address in a text; on 127.0.0.1 if it names no host, `undefined` if it is not an address. */
export function webAddress(text: string): WebAddress | undefined {
  const parts = /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]/@]+)):)?(\d{1,5})$/i.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, name, digits] = parts;
  const port = Number(digits);
  return port > 65_535 ? undefined : { hostname: ipv6 ?? name ?? "127.0.0.1", port };
}
