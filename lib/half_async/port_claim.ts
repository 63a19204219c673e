/**
 * The claim of a port for several processes: that nobody else has it, and which one it is. The processes'
 * own listeners share it afterwards.
 */

import { Listener } from "./listener.ts";

/** A port that is free for the processes. */
export interface PortClaim {
  readonly port: number;
  /** Says that all processes listen. */
  release(): void;
}

/**
 * Claims a port, and picks one where 0 is asked for.
 *
 * @throws {Error} in one sentence, when the address cannot be had
 */
export async function claimPort(host: string, port: number): Promise<PortClaim> {
  if (port !== 0) {
    // Alone: listeners that share a port would not notice another service on it.
    (await Listener.open({ host, port })).close();
    return { port, release() {} };
  }
  // It is held, or another program might get it meanwhile. Nobody knows it, so nobody connects to it.
  const listener = await Listener.open({ host, port, reusePort: true });
  return { port: (listener.addr as Deno.NetAddr).port, release: () => listener.close() };
}
