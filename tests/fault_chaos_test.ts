/**
 * Chaos: a hundred clients under load, and every 100 ms a worker that is killed, hangs or crashes. Then
 * every client's transcript is checked line by line, and the counters must balance.
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import { FaultServer } from "../scripts/tools/fault_server.ts";
import { LONG } from "./helpers/long.ts";

const CLIENTS = 100;
/** Seconds a job may run: what a busy machine keeps a worker from its line for should be less. */
const LIMIT = "1.5";

/** The reply of a line whose job ran for longer. */
const LATE = new RegExp(`^ERR the job ran longer than the limit of ${LIMIT} seconds$`);

const SECONDS = Number(Deno.env.get("TEST_CHAOS_SECONDS") ?? 10);

/** What may befall a worker: the line that does it, and its reply. */
const BLOWS: [line: string, reply: RegExp][] = [
  ["die", /^ERR the worker that ran this job died$/],
  ["dieIn 0", /^it will die$/],
  ["dieIn 3", /^it will die$/],
  // It waits: a blow that was dealt to its worker before may hit it.
  ["forever", new RegExp(`${LATE.source}|^ERR the worker .* died$`)],
  ["sleep 4500", LATE],
  ["spin 3400", LATE],
  ["later no", /^it will throw$/],
  ["stray no", /^nobody handles its rejection$/],
  ["overflow", /^ERR Maximum call stack size exceeded$/],
  ["exit", /^ERR Deno.exit\(\) is not for handlers/],
  ["big 300000", /^x{300000}$/],
];

/** Sends lines, some at once and some alone, until it is time; then half-closes and reads to the end. */
async function client(server: FaultServer, number: number, until: number): Promise<number> {
  const chance = new Chance(SEED + number);
  using conn = await server.connect();
  const text = conn.restText();
  let sent = 0;
  while (performance.now() < until) {
    const lines = Array.from({ length: chance.pick([1, 1, 3, 50]) }, () => `${number}-${sent++}`);
    await conn.send(`${lines.join("\n")}\n`);
    await new Promise((resolve) => setTimeout(resolve, chance.integer(0, 40)));
  }
  await conn.finish();
  const replies = (await text).split("\n").slice(0, -1);
  replies.forEach((reply, index) => {
    assert(/^[1-3] /.test(reply), `client ${number}: ${reply}`);
    assertEquals(reply.slice(2), `${number}-${index}`);
  });
  assertEquals(replies.length, sent, `client ${number}: each line has its true reply`);
  return sent;
}

/** Deals a blow every 100 ms, each by a client of its own. @returns their number */
async function chaos(server: FaultServer, until: number): Promise<number> {
  const chance = new Chance(SEED);
  const blows: Promise<void>[] = [];
  while (performance.now() < until) {
    const [line, reply] = chance.pick(BLOWS);
    blows.push(blow(server, line, reply));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(blows);
  return blows.length;
}

async function blow(server: FaultServer, line: string, expected: RegExp): Promise<void> {
  using conn = await LineClient.connect(server.addr);
  const reply = await conn.ask(line);
  assert(expected.test(reply), `${line} got ${reply.slice(0, 200)}`);
}

Deno.test(
  `serve loses no line of ${CLIENTS} clients in ${SECONDS} s of chaos (TEST_SEED=${SEED})`,
  LONG,
  async () => {
    await using server = await FaultServer.start([
      ["--workers", "3", "--handler", handlerFile("trouble"), "--job-timeout", LIMIT],
      ["--max-abandoned", "1000", "--boot-timeout", "60"],
    ].flat());
    const until = performance.now() + SECONDS * 1000;
    const clients = Array.from({ length: CLIENTS }, (_, number) => client(server, number, until));
    const [blows, ...sent] = await Promise.all([chaos(server, until), ...clients]);
    const lines = sent.reduce((sum, each) => sum + each, 0);
    const { code, counters } = await server.stop();
    const { accepted, answered, failed, gone, replaced } = counters;
    assertEquals(code, 0);
    assertEquals([accepted, gone], [lines + blows, 0]);
    assertEquals(accepted, answered + failed + gone);
    assertGreater(replaced, blows / 5);
  },
);
