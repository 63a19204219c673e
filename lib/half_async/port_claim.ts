/**
 * The claim of a port for several processes: it picks the port, and makes sure that no other program has it.
 * The processes' own listeners share it afterwards.
 */

import { Listener } from "./listener.ts";

/** A port that the processes may use. */
export interface PortClaim {
  readonly port: number;
  /** Gives up the claim: all processes listen. */
  release(): void;
}

/**
 * Claims a port; picks a free one for 0.
 *
 * @throws {Error} in one sentence, if it cannot use the address
 */
export async function claimPort(host: string, port: number): Promise<PortClaim> {
  if (port !== 0) {
    // Not shared: listeners that share a port would not notice another service on it.
    (await Listener.open({ host, port })).close();
    return { port, release() {} };
  }
  // It is held, or another program might get it. Nobody knows the port yet, so nobody connects.
  const listener = await Listener.open({ host, port, reusePort: true });
  return { port: (listener.addr as Deno.NetAddr).port, release: () => listener.close() };
}
