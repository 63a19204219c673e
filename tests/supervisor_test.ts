/** The supervisor on its own, with processes that are played by the test: none is ever started. */

import { assertEquals, assertRejects } from "@std/assert";
import type { LifeEvent, Order } from "../lib/cluster/messages.ts";
import { ServiceFailure } from "../lib/cluster/seat.ts";
import { selfStart } from "../lib/cluster/self_start.ts";
import type { End, SupervisedProcess } from "../lib/cluster/server_process.ts";
import { Supervisor } from "../lib/cluster/supervisor.ts";
import { Tally } from "../lib/cluster/tally.ts";
import type { ServerEvent } from "../lib/observe/events.ts";
import { Histogram } from "../lib/observe/histogram.ts";
import { inBrief } from "../lib/observe/line_times.ts";
import { newCounters } from "../lib/observe/counters.ts";
import { until } from "../scripts/tools/deadline.ts";
import { LONG } from "./helpers/long.ts";

/** A process that does what the test says. */
class Played implements SupervisedProcess {
  readonly number: number;
  readonly orders: Order[] = [];
  readonly #tell: (event: LifeEvent) => void;
  readonly #listening = Promise.withResolvers<boolean>();
  readonly #leaving = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<End>();
  readonly listening = this.#listening.promise;
  readonly leaving = this.#leaving.promise;
  readonly ended = this.#ended.promise;
  #next: ((event?: LifeEvent) => void)[] = [];
  onOrder: (order: Order) => void = (order) => order === "stop" && this.end("stopped");

  constructor(number: number, tell: (event: LifeEvent) => void) {
    this.number = number;
    this.#tell = tell;
  }

  send(type: Order): void {
    if (type !== "report") this.orders.push(type); // which is asked for all the time
    this.onOrder(type);
  }

  next(): Promise<LifeEvent | undefined> {
    return new Promise((resolve) => this.#next.push(resolve));
  }

  kill(): void {
    this.end("it was killed by SIGKILL");
  }

  says(event: LifeEvent): void {
    this.#tell(event);
    for (const resolve of this.#next.splice(0)) resolve(event);
  }

  listens(): void {
    const addr = { transport: "tcp", hostname: "::1", port: 7 } as const;
    this.says({ type: "listening", addr, workers: 1, handler: "echo" });
    this.#listening.resolve(true);
  }

  leave(reason: string): void {
    this.#leaving.resolve(reason);
  }

  end(reason: string, { code = 1, said = false } = {}): void {
    this.#listening.resolve(false);
    this.#leaving.resolve(reason);
    this.#ended.resolve({ reason, code, said });
    for (const resolve of this.#next.splice(0)) resolve();
  }
}

/** A service of played processes. */
class Stage {
  readonly launched: Played[] = [];
  readonly events: ServerEvent[] = [];
  readonly supervisor: Supervisor;
  onLaunch: (process: Played) => void = () => {};

  constructor(processes: number, stopTimeout = 60) {
    this.supervisor = new Supervisor({
      processes,
      launch: (number, tell) => {
        const process = new Played(number, tell);
        this.launched.push(process);
        this.onLaunch(process);
        return process;
      },
      stopTimeout,
      onListen() {},
      onEvent: (event) => void this.events.push(event),
    });
    this.supervisor.finished.catch(() => {}); // each test looks for itself
  }

  /** Waits until so many processes have been started in all. */
  async launches(count: number): Promise<Played> {
    await until(() => this.launched.length >= count, `start ${count}`);
    return this.launched[count - 1];
  }

  /** Lets all that were started listen. */
  async listen(): Promise<void> {
    for (const process of this.launched) process.listens();
    await this.told("listening");
  }

  async told(type: ServerEvent["type"], times = 1): Promise<ServerEvent[]> {
    const found = () => this.events.filter((event) => event.type === type);
    await until(() => found().length >= times, `${times} of ${type}`);
    return found();
  }

  async stop(): Promise<void> {
    this.supervisor.shutdown();
    await this.supervisor.finished;
  }
}

/** Holds `performance.now` still. */
function stillClock(): Disposable {
  const { now } = performance;
  const at = now.call(performance);
  performance.now = () => at;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

Deno.test("Supervisor tells that it listens when the last process does, once", async () => {
  const stage = new Stage(3);
  for (const process of stage.launched.slice(1)) process.listens();
  await Promise.resolve();
  assertEquals(stage.events, []);
  stage.launched[0].listens();
  assertEquals((await stage.told("listening")).length, 1);
  await stage.stop();
});

Deno.test("Supervisor ends with the reason and the code of a process that does not come up at the start", async () => {
  const stage = new Stage(2);
  stage.launched[0].listens();
  stage.launched[1].end("the handler cannot be loaded", { code: 2, said: true });
  const error = await assertRejects(() => stage.supervisor.finished, ServiceFailure);
  assertEquals([error.message, error.code], ["the handler cannot be loaded", 2]);
  assertEquals(stage.launched[0].orders, ["stop"]);
  assertEquals(stage.launched.length, 2);
});

Deno.test("Supervisor pauses longer and longer before a process that does not last", async () => {
  const stage = new Stage(2);
  using _ = stillClock(); // after a second of listening, it would have lasted
  await stage.listen();
  stage.launched[0].end("it was killed by SIGKILL");
  (await stage.launches(3)).end("no memory");
  (await stage.launches(4)).end("no memory");
  const failures = await stage.told("process_start_failed", 2);
  assertEquals(
    failures.map((event) => event.type === "process_start_failed" && event.retrySeconds),
    [0.2, 0.4],
  );
  assertEquals((await stage.launches(5)).number, 1);
  await stage.stop();
});

Deno.test("Supervisor goes on while one process listens, and ends when none can be had", async () => {
  const stage = new Stage(2);
  await stage.listen();
  stage.onLaunch = (process) => process.end("no memory");
  stage.launched[0].end("it was killed by SIGKILL");
  await stage.told("process_start_failed", 2);
  stage.launched[1].end("it was killed by SIGKILL");
  const error = await assertRejects(() => stage.supervisor.finished, ServiceFailure);
  assertEquals(error.message.replace(/\d/, "N"), "process N did not start: no memory");
});

Deno.test("Supervisor replaces a process as soon as it leaves, and waits for it at the stop", async () => {
  const stage = new Stage(1);
  await stage.listen();
  const [old] = stage.launched;
  old.onOrder = () => {}; // it stops already
  old.leave("3 workers are stuck");
  const next = await stage.launches(2);
  next.listens();
  let finished = false;
  void stage.supervisor.finished.then(() => finished = true);
  stage.supervisor.shutdown();
  await next.ended;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(finished, false);
  old.end("it ended with exit code 1");
  await stage.supervisor.finished;
  const [replaced] = await stage.told("process_replaced");
  assertEquals(replaced, {
    type: "process_replaced",
    process: 1,
    reason: "3 workers are stuck",
  });
});

Deno.test("Supervisor kills a process that does not stop in time", async () => {
  const stage = new Stage(2, 0.01);
  await stage.listen();
  stage.launched[1].onOrder = () => {};
  await stage.stop();
  assertEquals((await stage.launched[1].ended).reason, "it was killed by SIGKILL");
});

Deno.test("Supervisor reloads one process after the other, and a second reload waits", async () => {
  const stage = new Stage(2);
  await stage.listen();
  const [one, two] = stage.launched;
  stage.supervisor.reload();
  await until(() => one.orders.length === 1, "the first order");
  stage.supervisor.reload();
  stage.supervisor.reload();
  assertEquals(two.orders, []);
  for (const process of [one, two, one, two]) {
    await until(() => process.orders.at(-1) === "reload", "its order");
    process.orders.length = 0;
    process.says({ type: "reloaded" });
  }
  assertEquals((await stage.told("reloaded", 2)).length, 2);
  await stage.stop();
});

Deno.test("Supervisor reloads no further process when one cannot", async () => {
  const stage = new Stage(2);
  await stage.listen();
  stage.supervisor.reload();
  await until(() => stage.launched[0].orders.length === 1, "the order");
  stage.launched[0].says({ type: "reload_failed", reason: "SyntaxError" });
  const failed = await stage.told("reload_failed");
  assertEquals(failed, [{ type: "reload_failed", reason: "SyntaxError", process: 1 }]);
  assertEquals(stage.launched[1].orders, []);
  await stage.stop();
});

Deno.test(
  "Supervisor tells the counters although a process does not tell its own",
  LONG,
  async () => {
    const stage = new Stage(2);
    await stage.listen();
    const counters = { ...newCounters(), accepted: 3, answered: 2 };
    const account = { type: "counters", connections: 1, unanswered: 1, counters } as const;
    stage.launched[0].onOrder = (order) => order === "report" && stage.launched[0].says(account);
    await stage.supervisor.report();
    const [told] = await stage.told("counters");
    assertEquals(told, { ...account, processes: 2 });
    stage.launched[0].onOrder = () => stage.launched[0].end("stopped");
    await stage.stop();
  },
);

Deno.test("Tally counts the lines that a process had not answered as gone with it", () => {
  const tally = new Tally();
  const counters = { ...newCounters(), accepted: 10, answered: 6, failed: 1, abandoned: 2 };
  const [one, two] = [{}, {}];
  tally.hear(one, { connections: 4, unanswered: 9, counters: { ...counters, answered: 0 } });
  tally.hear(one, { connections: 2, unanswered: 3, counters });
  tally.hear(two, { connections: 1, unanswered: 0, counters: { ...newCounters(), accepted: 1 } });
  tally.close(one);
  tally.close({});
  assertEquals(tally.total, {
    connections: 1,
    unanswered: 0,
    counters: { ...counters, accepted: 11, gone: 3, abandoned: 0 },
    times: undefined,
  });
});

Deno.test("Tally keeps the times of a process that has ended, also when its last word had none", () => {
  const tally = new Tally();
  const [one, two] = [{}, {}];
  const account = { connections: 0, unanswered: 0, counters: newCounters() };
  const timesOf = (...micros: number[]) => {
    const histogram = new Histogram();
    for (const each of micros) histogram.record(each);
    return { wait: histogram.toData(), job: histogram.toData(), line: histogram.toData() };
  };
  tally.hear(one, { ...account, times: timesOf(100) });
  tally.hear(one, { ...account, times: timesOf(100, 100) });
  tally.hear(one, account);
  tally.close(one);
  tally.hear(two, { ...account, times: timesOf(5000) });
  assertEquals(tally.total.times, timesOf(100, 100, 5000));
  const { p50, p99 } = inBrief(tally.total.times!).line;
  assertEquals([p50 < 0.00011, p99 > 0.0045], [true, true]);
});

Deno.test("selfStart repeats the flags of Deno, or none of a binary", () => {
  const own = Deno.args.map((word) => `${word}\0`).join("");
  const words = (noted: string) => selfStart(["process", "1"], () => noted + own).words;
  assertEquals(words("deno\0run\0-A\0main.ts\0"), ["run", "-A", "main.ts", "process", "1"]);
  assertEquals(words("/usr/bin/hsha\0"), ["process", "1"]);
  assertEquals(selfStart([], () => `deno\0run\0\0${own}`).words, ["run", ""]);
});
