/** What clients of the soak do: each is a function that connects, behaves or misbehaves, and goes. */

import { LineClient } from "../tools/line_client.ts";
import type { Chance } from "../tools/chance.ts";
import { pause } from "../tools/pause.ts";

/** One client from its connection to its end. @throws {Error} if a reply is not what it must be */
export type Behaviour = (addr: Deno.Addr, chance: Chance) => Promise<void>;

/** Asks some lines, one after the other. */
async function polite(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  for (let count = chance.integer(1, 20); count > 0; count--) {
    const reply = await client.ask(`polite ${count}`);
    if (!reply.endsWith(` polite ${count}`)) throw new Error(`a polite line got ${reply}`);
  }
}

/** Sends thousands of lines at once, half-closes, and counts the replies. */
async function flood(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  const count = chance.integer(1000, 20_000);
  const [text] = await Promise.all([
    client.restText(),
    client.send("flood\n".repeat(count)).then(() => client.finish()),
  ]);
  const replies = text.split("\n").length - 1;
  if (replies !== count) throw new Error(`${count} lines of a flood got ${replies} replies`);
}

/** Half-closes after a line without an end. */
async function halfClose(addr: Deno.Addr): Promise<void> {
  using client = await LineClient.connect(addr);
  await client.send("first\nlast");
  await client.finish();
  const text = await client.restText();
  if (!/^\d first\n\d last\n$/.test(text)) throw new Error(`a half-close got ${text}`);
}

/** Leaves replies unread and goes, which resets the connection. */
async function reset(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  await client.send("reset\n".repeat(chance.integer(1, 5000)));
  await client.conn.read(new Uint8Array(1));
}

/** Connects and goes at once. */
async function touch(addr: Deno.Addr): Promise<void> {
  (await LineClient.connect(addr)).close();
}

/** Sends lines over the limit, and garbage. */
async function garbage(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  await client.send(`${"x".repeat(200_000)}\n`);
  const reply = await client.reply();
  if (!reply.startsWith("ERR line longer")) throw new Error(`a long line got ${reply}`);
  await client.send(crypto.getRandomValues(new Uint8Array(chance.integer(1, 60_000))));
}

/** Sends for a while, and reads nothing. */
async function deaf(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  const sends = client.send(`${"deaf".repeat(20)}\n`.repeat(50_000)).catch(() => {});
  await pause(chance.integer(50, 800));
  client.close();
  await sends;
}

/** Asks for something that a handler must not do. */
async function harm(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  const deed = chance.pick(["die", "dieIn 1", "later no", "throw no", "exit", "overflow", "null"]);
  await client.ask(deed);
}

/** Asks for a job that takes longer than it may, without using the processor. */
async function overtime(addr: Deno.Addr): Promise<void> {
  using client = await LineClient.connect(addr);
  const reply = await client.ask("sleep 3000");
  if (!reply.startsWith("ERR the job ran longer")) throw new Error(`overtime got ${reply}`);
}

/** Asks for a long reply, and reads it or half of it. */
async function longReply(addr: Deno.Addr, chance: Chance): Promise<void> {
  using client = await LineClient.connect(addr);
  await client.send("big 3000000\n");
  if (chance.happens(0.5)) await client.reply();
  else await client.conn.read(new Uint8Array(1000));
}

/** Every behaviour, and how often it is met. */
export const BEHAVIOURS: readonly (readonly [times: number, behaviour: Behaviour])[] = [
  [30, polite],
  [8, flood],
  [15, halfClose],
  [15, reset],
  [15, touch],
  [4, garbage],
  [2, deaf],
  [6, harm],
  [1, overtime],
  [4, longReply],
];
