/**
 * Chaos among processes: each second one of them is killed, at random, under a hundred clients that connect
 * again. Only what that process had may be lost, and new clients are served meanwhile.
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Cluster } from "./helpers/cluster.ts";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { STEP } from "../scripts/tools/deadline.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import { LONG } from "./helpers/long.ts";

const CLIENTS = 100;
const SECONDS = 20;

/** Milliseconds from one kill to the next. */
const BEAT = 1000;

/** What has happened. */
class Account {
  readonly killed = new Set<number>();
  answered = 0;
  /** Connections that broke, and the lines that had no reply then. */
  broken = 0;
  lost = 0;
  /** Connections that were refused: no process listened. */
  refused = 0;
  /** Milliseconds until a new client was served, behind each kill. */
  readonly waits: number[] = [];
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Connects, again and again, and asks; each reply must be the right one, of the same process. */
async function client(cluster: Cluster, number: number, until: number, account: Account) {
  const chance = new Chance(SEED + number);
  for (let sent = 0; performance.now() < until;) {
    using conn = await cluster.server.connect().catch(() => undefined);
    if (conn === undefined) {
      account.refused++;
      await pause(5);
      continue;
    }
    let pid: number | undefined;
    while (performance.now() < until) {
      const lines = Array.from({ length: chance.pick([1, 1, 5]) }, () => `${number}-${sent++}`);
      const replies = await ask(conn, lines);
      for (const [index, reply] of replies.entries()) {
        pid ??= Number(reply.split(" ")[0]);
        assertEquals(reply, `${pid} ${lines[index]}`);
      }
      account.answered += replies.length;
      if (replies.length < lines.length) {
        account.broken++;
        account.lost += lines.length - replies.length;
        // One that had no reply may have waited for any of them.
        assert(
          pid === undefined || account.killed.has(pid),
          `${pid} was not killed, and lost lines`,
        );
        break;
      }
      await pause(chance.integer(0, 40));
    }
  }
}

/** The replies that come before the connection breaks. */
async function ask(conn: LineClient, lines: string[]): Promise<string[]> {
  const replies: string[] = [];
  try {
    await conn.send(lines.map((line) => `${line}\n`).join(""));
    while (replies.length < lines.length) replies.push(await conn.reply());
  } catch (error) {
    assert(!String(error).includes("not within"), `a client waits in vain: ${error}`);
  }
  return replies;
}

/** Kills a process each second, and sees how long a new client waits then. */
async function chaos(cluster: Cluster, until: number, account: Account) {
  const chance = new Chance(SEED);
  while (performance.now() < until) {
    const pid = chance.pick(cluster.pids);
    account.killed.add(pid);
    Deno.kill(pid, "SIGKILL");
    const since = performance.now();
    while (!await isServed(cluster)) await pause(1);
    account.waits.push(performance.now() - since);
    await pause(BEAT);
  }
}

async function isServed(cluster: Cluster): Promise<boolean> {
  try {
    using conn = await cluster.server.connect();
    return (await ask(conn, ["new"])).length === 1;
  } catch {
    return false; // refused
  }
}

Deno.test({
  name:
    `--processes loses no line but those of processes that are killed, ${SECONDS} s (TEST_SEED=${SEED})`,
  ignore: LONG.ignore || Deno.build.os !== "linux",
  async fn() {
    await using cluster = await Cluster.start(["--processes", "3"]);
    const account = new Account();
    const until = performance.now() + SECONDS * 1000;
    const clients = Array.from({ length: CLIENTS }, (_, n) => client(cluster, n, until, account));
    await Promise.all([chaos(cluster, until, account), ...clients]);
    const { code, counters } = await cluster.server.stop();
    const { accepted, answered, failed, gone } = counters;
    assertEquals([code, failed], [0, 0]);
    assertEquals(accepted, answered + gone);
    assertGreater(account.broken, 0);
    // At the most five lines of each connection were under way.
    assertLess(account.lost, 5 * account.broken + 1);
    const waits = account.waits.toSorted((one, other) => one - other);
    assertLess(waits.at(-1)!, STEP);
    const late = waits.filter((millis) => millis > 100).length;
    console.log(
      `${waits.length} killed, ${account.answered} lines answered, ${account.lost} lost with ` +
        `${account.broken} connections, ${account.refused} refused; a new client waited ` +
        `${waits[waits.length >> 1].toFixed(1)} ms (median), ${late} more than 100 ms`,
    );
  },
});
