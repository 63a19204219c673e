/**
 * A thread that floods a server: connects some clients, sends the same bytes from each again and again, and
 * reads what comes back. It is a thread of its own, so that the polite client's stays free.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { LineClient } from "../tools/line_client.ts";

/** What the main thread says: whom to flood, with what, and where to count the bytes sent; later, to stop. */
export type FloodOrder =
  | { addr: Deno.Addr; clients: number; bytes: Uint8Array; sent: BigInt64Array }
  | { stop: true };

/** What the thread says: that all clients are connected; at the end, that no more is sent. */
export type FloodReport = "connected" | "stopped";

const clients: LineClient[] = [];

self.onmessage = async ({ data }: MessageEvent<FloodOrder>) => {
  if ("stop" in data) {
    for (const client of clients) client.close();
    return report("stopped");
  }
  while (clients.length < data.clients) clients.push(await LineClient.connect(data.addr));
  for (const client of clients) {
    void flood(client, data).catch(() => {}); // closed
    void swallow(client).catch(() => {});
  }
  report("connected");
};

/** The bytes to send, and where to count them. */
interface Load {
  bytes: Uint8Array;
  sent: BigInt64Array;
}

async function flood({ conn }: LineClient, { bytes, sent }: Load): Promise<void> {
  for (let from = 0;;) {
    const count = await conn.write(bytes.subarray(from));
    Atomics.add(sent, 0, BigInt(count));
    from = (from + count) % bytes.length;
  }
}

async function swallow({ conn }: LineClient): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  while (await conn.read(buffer) !== null);
}

function report(message: FloodReport): void {
  self.postMessage(message);
}
