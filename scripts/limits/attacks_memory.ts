/** Attacks on the server's memory. */

import { type Attack, connectMany, shove, shovers, swallow } from "./attack.ts";
import { pause } from "../tools/pause.ts";

/** A line that keeps its worker at work for so many seconds. */
const longJob = (seconds: number) => `sleep ${seconds * 1000}\n`;

export const MEMORY_ATTACKS: Attack[] = [
  {
    name: "empty-lines",
    title: "1 000 clients send 64 Ki empty lines each, while the queue is full",
    args: ["--queue-limit", "100"],
    memory: 400, // 1 000 × (64 KiB read buffer, 64 KiB of lines that wait, rests of both)
    p95: 5000, // the queue is what is attacked: a polite line waits for its turn among 1 000
    run: shovers(1000, "\n".repeat(65536), 4),
  },
  {
    name: "partial-lines",
    title: "2 000 clients send 64 KiB of a line each, and never its end",
    memory: 2000 * 0.2, // 200 KiB each: the line, and the read buffer that it came through
    async run(server) {
      const clients = await connectMany(server, 2000);
      const line = new Uint8Array(65_000).fill(120);
      await Promise.all(clients.map((client) => client.send(line)));
      await pause(1000);
      for (const client of clients) client.close();
    },
  },
  {
    name: "dribble",
    title: "50 clients send a line of 20 000 bytes each, byte by byte",
    memory: 128,
    async run(server) {
      const clients = await connectMany(server, 50);
      const byte = new Uint8Array([120]);
      await Promise.all(clients.map(async (client) => {
        for (let count = 0; count < 20_000; count++) await client.conn.write(byte);
      }));
      for (const client of clients) client.close();
    },
  },
  {
    name: "long-replies",
    title: "20 clients ask for replies of 16 MB, ten each, and read none",
    args: ["--write-timeout", "3"],
    memory: 20 * 4 * 16, // --max-reply for each batch under way, of two for each worker
    p95: 1000,
    run: shovers(20, "big 16000000\n".repeat(10), 8),
  },
  {
    name: "stuck-head",
    title: "a job of 4 s, and 2 000 quick ones of 60 KB behind it whose replies must wait",
    memory: 128,
    async run(server) {
      const [client] = await connectMany(server, 1);
      shove(client, `${longJob(4)}${"big 60000\n".repeat(2000)}`);
      await client.finish().catch(() => {});
      const bytes = await swallow(client);
      client.close();
      const replies = {
        what: "replies in the end",
        value: bytes / 60_001,
        unit: "",
        atLeast: 2000,
      };
      return [replies];
    },
  },
  {
    name: "tiny-replies-held",
    title: "a job of 4 s, and as many tiny lines behind it as go through, a packet each",
    memory: 64,
    async run(server) {
      const [client] = await connectMany(server, 1);
      await client.send(longJob(4));
      const end = performance.now() + 3500;
      const line = new TextEncoder().encode("x\n");
      let sent = 0;
      while (performance.now() < end) {
        const done = await Promise.race([client.conn.write(line), pause(500).then(() => 0)]);
        if (done === 0) break;
        sent++;
      }
      const { unanswered } = await server.counters();
      client.close();
      return [
        { what: "lines sent", value: sent, unit: "" },
        { what: "lines unanswered", value: unanswered, unit: "" },
      ];
    },
  },
  {
    name: "rejections-held",
    title:
      "10 clients with a job of 2 s at their head, and floods of lines that are rejected behind it",
    args: ["--queue-limit", "10", "--overload", "reject"],
    memory: 128,
    p95: 5000,
    async run(server) {
      const clients = await connectMany(server, 10);
      for (const client of clients) {
        await client.send(longJob(2));
        shove(client, "\n".repeat(1_000_000));
      }
      await pause(4000);
      for (const client of clients) client.close();
    },
  },
  {
    name: "mixed-lines",
    title: "20 clients alternate lines of 65 536 bytes and empty ones for 4 s",
    memory: 512, // of 3 GB that pass; as much after 4 s as after 12
    async run(server) {
      const clients = await connectMany(server, 20);
      const text = `${"x".repeat(65536)}\n\n`.repeat(8);
      const end = performance.now() + 4000;
      const reads = clients.map(swallow);
      await Promise.all(clients.map(async (client) => {
        while (performance.now() < end) await client.send(text);
        client.close();
      }));
      await Promise.all(reads);
    },
  },
];
