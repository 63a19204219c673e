/**
 * Chaos among machines: worker machines and NATS are killed, stopped and started at random, under clients
 * of two servers. Each line is begun once at the most, settled once, and never begun behind its `ERR`.
 */

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { LineClient } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { Chance, SEED } from "../scripts/tools/chance.ts";
import type { FaultServer } from "../scripts/tools/fault_server.ts";
import { NatsService, natsTest } from "./helpers/nats.ts";

const SECONDS = Deno.env.get("TEST_LONG") === "1" ? 20 : 6;
const CLIENTS = 6;
const NODES = 3;

/** Milliseconds by which the clocks of two processes, read one after the other, may seem to be apart. */
const SKEW = 2;

/** Milliseconds for which something is stopped at the most. */
const LONGEST_STOP = 1500;

/** Writes when it begins each line; now and then it takes a while. */
const HANDLER = `export default (line, { args: [file] }) => {
  Deno.writeTextFileSync(file, Date.now() + " " + line + "\\n", { append: true });
  const millis = line.length % 7 === 0 ? 30 : 1;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
  return "did " + line;
};`;

/** What became of lines, as clients saw it. */
class Account {
  /** When the error reply to a line came, in milliseconds since 1970. */
  readonly failed = new Map<string, number>();
  readonly did = new Set<string>();
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Sends bursts of lines, and looks at each reply. */
async function load(
  client: LineClient,
  name: string,
  { account, goesOn }: { account: Account; goesOn: () => boolean },
): Promise<void> {
  const chance = new Chance(SEED + name.length * 31 + name.charCodeAt(name.length - 1));
  for (let sent = 0; goesOn();) {
    const lines = Array.from(
      { length: chance.integer(1, 12) },
      () => `${name}-${sent++}-${"x".repeat(chance.integer(0, 12))}`,
    );
    await client.send(lines.map((line) => `${line}\n`).join(""));
    for (const line of lines) {
      const reply = await within(client.reply(), `the reply to ${line}`, 30_000);
      if (reply === `did ${line}`) {
        account.did.add(line);
        continue;
      }
      assertMatch(reply, /^ERR (the worker machine|NATS cannot|there is no worker)/);
      account.failed.set(line, Date.now());
    }
    await pause(chance.integer(0, 20));
  }
}

/** The worker machines, of which there are always some. */
class Machines {
  readonly all: FaultServer[] = [];
  readonly #start: () => Promise<FaultServer>;

  constructor(start: () => Promise<FaultServer>) {
    this.#start = start;
  }

  async fill(): Promise<void> {
    while (this.all.length < NODES) this.all.push(await this.#start());
  }

  /** Takes one out. */
  remove(chance: Chance): FaultServer {
    return this.all.splice(chance.integer(0, this.all.length - 1), 1)[0];
  }
}

/** One thing that happens, and what it is called. */
async function happen(
  chance: Chance,
  { nats }: NatsService,
  machines: Machines,
): Promise<string> {
  const deed = chance.pick(["kill", "kill", "stop", "stop", "leave", "leave", "nats", "freeze"]);
  const stop = chance.integer(100, LONGEST_STOP);
  switch (deed) {
    case "kill":
      machines.remove(chance).kill("SIGKILL");
      break;
    case "stop": {
      const machine = chance.pick(machines.all);
      machine.kill("SIGSTOP");
      await pause(stop);
      machine.kill("SIGCONT");
      break;
    }
    case "leave":
      machines.remove(chance).kill("SIGTERM");
      break;
    case "nats":
      await nats.down();
      await pause(chance.integer(0, 500));
      await nats.up();
      break;
    case "freeze":
      nats.kill("SIGSTOP");
      await pause(stop);
      nats.kill("SIGCONT");
  }
  await machines.fill();
  return deed;
}

natsTest(
  `machines and NATS die, freeze, come and go: no line twice, none late, ${SECONDS} s (TEST_SEED=${SEED})`,
  async () => {
    await using service = await NatsService.start({ source: HANDLER });
    const file = service.files.file("begun");
    Deno.writeTextFileSync(file, "");
    const args = ["--allow-write", "--workers", "2", "--", file];
    const machines = new Machines(() => service.node({ args }));
    await machines.fill();
    const fronts = [await service.front(), await service.front()];
    const account = new Account();
    let over = false;
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, index) => fronts[index % 2].connect()),
    );
    const loads = clients.map((client, index) =>
      load(client, `c${index}`, { account, goesOn: () => !over })
    );
    const chance = new Chance(SEED);
    const deeds: Record<string, number> = {};
    for (const until = performance.now() + SECONDS * 1000; performance.now() < until;) {
      const deed = await Promise.race([happen(chance, service, machines), ...loads]) as string;
      deeds[deed] = (deeds[deed] ?? 0) + 1;
      await pause(chance.integer(100, 600));
    }
    const calm = account.did.size;
    for (let waited = 0; account.did.size < calm + 20; waited++) {
      assert(waited < 200, "nothing is served when all is calm again");
      await pause(50);
    }
    over = true;
    await Promise.all(loads);
    for (const client of clients) client.close();

    // Every line that clients sent, as servers count them.
    const ends = await Promise.all(fronts.map((front) => front.stop()));
    const sum = (name: string) => ends.reduce((sum, { counters }) => sum + counters[name], 0);
    assertEquals(ends.map(({ code }) => code), [0, 0]);
    assertEquals(
      [sum("answered"), sum("failed"), sum("gone")],
      [account.did.size, account.failed.size, 0],
    );
    assertEquals(sum("accepted"), account.did.size + account.failed.size);

    // What was begun, and when.
    const begun = new Map<string, number>();
    for (const row of Deno.readTextFileSync(file).split("\n").slice(0, -1)) {
      const [at, line] = row.split(" ");
      assert(!begun.has(line), `${line} was begun twice`);
      begun.set(line, Number(at));
    }
    for (const line of account.did) assert(begun.has(line), `${line} was not begun`);
    for (const [line, at] of account.failed) {
      const late = (begun.get(line) ?? 0) - at;
      assert(late <= SKEW, `${line} was begun ${late} ms behind its ERR`);
    }
    assertGreater(account.did.size, 100);
    for (const machine of machines.all) machine.kill("SIGTERM");
    for (const machine of machines.all) assertEquals((await machine.status).code, 0);
    console.log(
      `${JSON.stringify(deeds)}: ${account.did.size} lines run, ${account.failed.size} failed`,
    );
  },
  { stops: true },
);
