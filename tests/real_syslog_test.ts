/** rsyslog at syslog.ts: no message is lost when the collector is stopped and started again. */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { until } from "../scripts/tools/deadline.ts";
import { ExampleServer } from "./helpers/example_server.ts";
import { TemporaryFolder } from "../scripts/tools/files.ts";
import { freePort } from "./helpers/free_port.ts";
import { findProgram, RealProgram, realTest } from "./helpers/real_program.ts";

const MESSAGES = 20_000;

/** Messages that are written to the log at once. */
const PORTION = 100;

/** rsyslogd that follows a file, and forwards its lines by TCP until the other side has them. */
function rsyslog(file: string, port: number): string {
  return `
global(workDirectory=".")
module(load="imfile")
input(type="imfile" file="${file}" tag="test:")
action(
  type="omfwd" protocol="tcp" target="127.0.0.1" port="${port}"
  action.resumeRetryCount="-1" action.resumeInterval="1"
  queue.type="LinkedList" queue.size="${MESSAGES}" queue.timeoutEnqueue="60000"
)
`;
}

/** The numbers of the messages that the collector's file holds, in its order. */
function collected(file: string): number[] {
  if (!findProgram(file)) return []; // it is made for the first message, and its table a moment later
  using database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'log'").get()) return [];
  return database.prepare("SELECT message FROM log").all()
    .map(({ message }) => Number(String(message).match(/test: message (\d+)$/)?.[1]));
}

realTest("syslog.ts loses no message of rsyslog at a stop and a start", ["rsyslogd"], async () => {
  using folder = new TemporaryFolder();
  const [log, argument] = [folder.file("in.log"), folder.file("log.db")];
  Deno.writeTextFileSync(log, "");
  const port = freePort();
  const start = () => ExampleServer.start("syslog.ts", { port, argument });
  let server = await start();
  try {
    const files = { "rsyslog.conf": rsyslog(log, port) };
    const args = ["-n", "-f", "rsyslog.conf", "-i", folder.file("pid")];
    await using _sender = await RealProgram.start("rsyslogd", { args, files });
    let restart: Promise<void> | undefined;
    let before = 0;
    for (let number = 0; number < MESSAGES; number += PORTION) {
      const lines = Array.from({ length: PORTION }, (_, index) => `message ${number + index}\n`);
      Deno.writeTextFileSync(log, lines.join(""), { append: true });
      if (number === MESSAGES / 4) {
        await until(() => collected(argument).length > 0, "the first messages");
        restart = server[Symbol.asyncDispose]().then(async () => {
          before = collected(argument).length;
          server = await start();
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await restart;
    assert(before < MESSAGES, "the stop came in between");
    for (let tries = 0; tries < 150 && collected(argument).length < MESSAGES; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const numbers = collected(argument);
    assertEquals(new Set(numbers).size, MESSAGES, "none is lost");
    assertEquals(numbers.length, MESSAGES, "none is there twice");
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
