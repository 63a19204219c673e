/**
 * A thread that floods a server: connects some clients, sends the same bytes from each again and again, and
 * reads what comes back. It is a thread of its own, so that the polite client's stays free.
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

import { LineClient } from "../tools/line_client.ts";

/** What the main thread says: whom to flood, and with what; and later, to stop. */
export type FloodOrder = { addr: Deno.Addr; clients: number; bytes: Uint8Array } | { stop: true };

/** What the thread says: that all clients are connected; at the end, how many bytes they have sent. */
export type FloodReport = { connected: true } | { sent: number };

const clients: LineClient[] = [];
let sent = 0;

self.onmessage = async ({ data }: MessageEvent<FloodOrder>) => {
  if ("stop" in data) {
    for (const client of clients) client.close();
    return report({ sent });
  }
  while (clients.length < data.clients) clients.push(await LineClient.connect(data.addr));
  for (const client of clients) {
    void flood(client, data.bytes).catch(() => {}); // closed
    void swallow(client).catch(() => {});
  }
  report({ connected: true });
};

async function flood({ conn }: LineClient, bytes: Uint8Array): Promise<void> {
  for (let from = 0;;) {
    const count = await conn.write(bytes.subarray(from));
    sent += count;
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
