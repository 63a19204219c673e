/** Attacks by connections: many, short, slow, or of another protocol. */

import { type Attack, connectMany, shove, swallow, waves } from "./attack.ts";
import { pause } from "../tools/pause.ts";

export const CONNECTION_ATTACKS: Attack[] = [
  {
    name: "connect-close",
    title: "10 000 connections that are closed at once",
    memory: 64,
    async run(server) {
      await waves(server, { count: 100, clients: 100 }, () => Promise.resolve());
    },
  },
  {
    name: "resets",
    title: "1 000 clients send 2 000 lines each, and reset in the middle of the replies",
    memory: 128,
    async run(server) {
      await waves(server, { count: 20, clients: 50 }, async (client) => {
        await client.send("reset me\n".repeat(2000));
        await client.conn.read(new Uint8Array(100));
      });
    },
  },
  {
    name: "half-closes",
    title: "2 000 clients that send one line without an end and a FIN at once",
    memory: 64,
    async run(server) {
      let answered = 0;
      await waves(server, { count: 20, clients: 100 }, async (client) => {
        await client.send("last words");
        await client.finish();
        if (/^\d last words\n$/.test(await client.restText())) answered++;
      });
      return [{ what: "answered", value: answered, unit: "clients", atLeast: 2000 }];
    },
  },
  {
    name: "slowloris",
    title: "1 000 clients send a byte of an endless line every 200 ms for 5 s",
    memory: 64,
    async run(server) {
      const clients = await connectMany(server, 1000);
      const byte = new Uint8Array([120]);
      for (let round = 0; round < 25; round++) {
        await Promise.all(clients.map((client) => client.conn.write(byte)));
        await pause(200);
      }
      for (const client of clients) client.close();
    },
  },
  {
    name: "slow-readers",
    title: "50 clients flood, and read 100 bytes every 100 ms for 5 s",
    memory: 128,
    async run(server) {
      const clients = await connectMany(server, 50);
      for (const client of clients) shove(client, `${"y".repeat(99)}\n`.repeat(100_000));
      const sip = new Uint8Array(100);
      for (let round = 0; round < 50; round++) {
        await Promise.all(clients.map((client) => client.conn.read(sip)));
        await pause(100);
      }
      for (const client of clients) client.close();
    },
  },
  {
    name: "scanners",
    title: "500 clients speak HTTP, TLS, SSH, Redis, and noise",
    memory: 64,
    async run(server) {
      const greetings = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "*1\r\n$4\r\nPING\r\n",
        "\0".repeat(1000),
        "\x03\x00\x00\x13\x0e\xe0\x00\x00",
      ];
      await waves(server, { count: 5, clients: 100 }, async (client, index) => {
        await client.send(greetings[index % greetings.length]);
        await client.finish();
        await swallow(client);
      });
    },
  },
];
