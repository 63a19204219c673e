/** Which bus joins a server with its worker machines. Another broker is another option, and its line here. */

import type { Settings } from "../../option_check.ts";
import { readCreds } from "../nats/creds.ts";
import { NatsBus } from "../nats/nats_bus.ts";
import type { Bus } from "./bus.ts";

/**
 * Connects to the bus that the options name; `undefined` if they name none.
 *
 * @param name The name of the connection, which the broker shows.
 * @throws {Error} if it cannot connect, in one sentence
 */
export async function connectBus(
  { nats: url, natsCreds }: Pick<Settings, "nats" | "natsCreds">,
  name: string,
): Promise<Bus | undefined> {
  if (url === undefined) return undefined;
  return await NatsBus.connect({ url, creds: await readCreds(natsCreds), name });
}
