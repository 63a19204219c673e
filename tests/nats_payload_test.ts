/** A NATS server whose messages are short: batches and answers keep within them. */

import { assertEquals } from "@std/assert";
import { NatsService, natsTest } from "./helpers/nats.ts";

natsTest(
  "replies that are longer than their lines come over NATS, whatever a message holds",
  async () => {
    // The answers of one run went in one message: the link broke, and all lines of the machine had their ERR.
    await using service = await NatsService.start({
      config: "max_payload: 16384",
      source: "export default (line) => Array(3).fill(line.repeat(4));",
    });
    await service.node({ args: ["--workers", "2"] });
    const front = await service.front();
    await Promise.all(Array.from({ length: 8 }, async (_, number) => {
      using client = await front.connect();
      const lines = Array.from({ length: 60 }, (_, line) => `${number}-${line}-`.repeat(1 + line));
      await client.send(lines.map((line) => `${line}\n`).join(""));
      const replies = lines.flatMap((line) => Array(3).fill(line.repeat(4)));
      assertEquals(await client.replies(replies.length), replies);
    }));
    assertEquals(front.log.filter(({ type }) => type === "node_lost"), []);
  },
);
