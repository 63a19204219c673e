/**
 * Wrapper Facade of a server process, as its supervisor sees it: what it is told, what it says, and how it
 * ended. It ends with its supervisor, as its standard input ends then.
 */

import { TextLineStream } from "@std/streams";
import { reason } from "../reason.ts";
import type { Snapshot, TimesShown } from "../observe/snapshot.ts";
import { type LifeEvent, type Order, type Report, ReportJoiner } from "./messages.ts";
import type { CommandLine } from "./self_start.ts";

/** How a process ended. */
export interface End {
  /** In words, to stand after a colon. */
  reason: string;
  /** Whether it said so itself, in a sentence for the user. */
  said?: boolean;
  /** The exit code that says so. */
  code: number;
}

/** What a {@linkcode Supervisor} needs of a process; a test may play one. */
export interface SupervisedProcess {
  /** Its number in the system, if it has one. */
  readonly pid?: number;
  /** Whether it listens: `true` as soon as it does, `false` if it ended before. */
  readonly listening: Promise<boolean>;
  /** Settles, with the reason, when it takes no more connections: it stops, or it has ended. */
  readonly leaving: Promise<string>;
  /** Settles when it has ended. */
  readonly ended: Promise<End>;
  /** Gives it an order; one that has ended does not hear it. */
  send(order: Order): void;
  /** Waits for the next event of one of these types; `undefined` if it ends first. */
  next(...types: LifeEvent["type"][]): Promise<LifeEvent | undefined>;
  /** Ends it at once. */
  kill(): void;
}

/** The listeners of a {@linkcode ServerProcess}. */
export interface Listeners {
  /** Told of the events of its life, and with its counters how long its lines took. */
  tell: (event: LifeEvent, times?: TimesShown) => void;
  /** Told how it is, where there is a page to show it. */
  show: (snapshot: Snapshot) => void;
  /** Takes what its handlers write to standard output, line by line, with the line ends. */
  print: (line: string) => void;
}

/** Milliseconds that its last words may take; programs that it leaves behind may hold its output open. */
const LAST_WORD = 500;

/** A process of this program. */
export class ServerProcess implements SupervisedProcess {
  readonly pid: number | undefined;
  readonly listening: Promise<boolean>;
  readonly leaving: Promise<string>;
  readonly ended: Promise<End>;
  readonly #secret = crypto.randomUUID();
  readonly #listeners: Listeners;
  readonly #child: Deno.ChildProcess | undefined;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #listens = Promise.withResolvers<boolean>();
  readonly #leaves = Promise.withResolvers<string>();
  readonly #end = Promise.withResolvers<End>();
  #waiting: { types: readonly string[]; resolve: (event?: LifeEvent) => void }[] = [];
  #failure: End | undefined;

  /** Starts it. */
  constructor({ program, words }: CommandLine, listeners: Listeners) {
    this.#listeners = listeners;
    this.listening = this.#listens.promise;
    this.leaving = this.#leaves.promise;
    this.ended = this.#end.promise;
    try {
      // Its log goes where this one's goes. Detached: a terminal's Ctrl-C is for the supervisor alone.
      this.#child = new Deno.Command(program, {
        args: words,
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
        detached: true,
      }).spawn();
    } catch (error) {
      this.#finish({ reason: reason(error), code: 1 });
      return;
    }
    this.pid = this.#child.pid;
    this.#orders = this.#child.stdin.getWriter();
    this.#write(this.#secret);
    void this.#watch(this.#child);
  }

  send(order: Order): void {
    this.#write(order);
  }

  next(...types: LifeEvent["type"][]): Promise<LifeEvent | undefined> {
    return new Promise((resolve) => this.#waiting.push({ types, resolve }));
  }

  kill(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // it has ended
    }
  }

  #write(line: string): void {
    this.#orders?.write(new TextEncoder().encode(`${line}\n`)).catch(() => {}); // it has ended
  }

  async #watch(child: Deno.ChildProcess): Promise<void> {
    const output = this.#read(child.stdout);
    const { code, signal } = await child.status;
    const timer = setTimeout(() => this.#finish(this.#failure ?? endOf(code, signal)), LAST_WORD);
    await output;
    clearTimeout(timer);
    this.#finish(this.#failure ?? endOf(code, signal));
    this.#orders?.close().catch(() => {});
  }

  async #read(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const lines = stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    const reports = new ReportJoiner();
    for await (const line of lines) {
      const at = line.indexOf(this.#secret);
      const printed = at < 0 ? `${line}\n` : line.slice(0, at);
      if (printed !== "") this.#listeners.print(printed);
      const report = at < 0 ? undefined : reports.take(line.slice(at + this.#secret.length));
      if (report !== undefined) this.#hear(report);
    }
  }

  #hear(report: Report): void {
    if (report.type === "failed") {
      this.#failure = { ...report, said: true };
      return;
    }
    if (report.type === "snapshot") return this.#listeners.show(report.snapshot);
    const { event, times } = report;
    this.#listeners.tell(event, times);
    if (event.type === "listening") this.#listens.resolve(true);
    if (event.type === "stopping") this.#leaves.resolve(event.reason ?? "it was told to stop");
    const due = this.#waiting.filter(({ types }) => types.includes(event.type));
    this.#waiting = this.#waiting.filter((it) => !due.includes(it));
    for (const { resolve } of due) resolve(event);
  }

  #finish(end: End): void {
    this.#listens.resolve(false);
    this.#leaves.resolve(end.reason);
    this.#end.resolve(end);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }
}

function endOf(code: number, signal: string | null): End {
  const how = signal === null ? `it ended with exit code ${code}` : `it was killed by ${signal}`;
  return { reason: how, code: 1 };
}
