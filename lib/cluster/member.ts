/** A server process as its supervisor's member: the orders that it gets, and what it reports. */

import { TextLineStream } from "@std/streams";
import type { ServerEvent } from "../observe/events.ts";
import type { TimesShown } from "../observe/snapshot.ts";
import type { Screen, ScreenListener } from "../observe/screen.ts";
import { isLifeEvent, linesOf, type Order, type Report, SECRET } from "./messages.ts";
import { atMost, LAST_WORD, MemberScreen } from "./member_screen.ts";

/** What carries out orders. */
export interface Obedient {
  /** Never rejects: an event tells what came of it. */
  reload(): Promise<void>;
  report(): void;
  /** How long its lines took so far. */
  times(): TimesShown;
}

/** This process as one of several. */
export class Member {
  /** How many words of its command line are the supervisor's, after the first. */
  static readonly WORDS = 2;
  /** This process, if it is one of several. */
  static current: Member | undefined;
  /** Its number, 1…N; its successor gets the same. */
  readonly number: number;
  /** The port of the service. */
  readonly port: number;
  readonly #secret: string;
  readonly #reports = Deno.stdout.writable.getWriter();
  #told = Promise.resolve();
  #server: Obedient | undefined;
  /** Orders that came before the server could hear them. */
  #orders: Order[] = [];
  #screen: MemberScreen | undefined;
  /** Until it is told how to stop, there is nothing to lose. */
  #stop: () => void = () => Deno.exit(1);

  private constructor([number, port]: string[], secret: string) {
    this.number = Number(number);
    this.port = Number(port);
    this.#secret = secret;
  }

  /**
   * Joins the supervisor that started this process.
   *
   * @param words The process's number and the port, as the supervisor wrote them.
   * @returns this process as one of several, or `undefined` if no supervisor started it
   */
  static async join(words: string[]): Promise<Member | undefined> {
    const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
    const lines = input.pipeThrough(new TextLineStream()).getReader();
    const { value: secret = "" } = Deno.stdin.isTerminal() ? {} : await lines.read();
    if (!SECRET.test(secret)) return undefined;
    Member.current = new Member(words, secret);
    void Member.current.#listen(lines);
    return Member.current;
  }

  /** Tells it how to stop, as it must when the supervisor says so or is gone. */
  onStop(stop: () => void): void {
    this.#stop = stop;
  }

  /** Gives it the server that runs. */
  attach(server: Obedient): void {
    this.#server = server;
    for (const order of this.#orders.splice(0)) this.#obey(order);
  }

  /** Shows the server to the supervisor, which has the page. */
  openScreen(listener: ScreenListener): Screen {
    return this.#screen = new MemberScreen(
      listener,
      (snapshot) => this.#tell({ type: "snapshot", snapshot }),
    );
  }

  /** Tells the supervisor of an event that concerns it. @returns whether it does */
  takes(event: ServerEvent): boolean {
    if (!isLifeEvent(event)) return false;
    const times = event.type === "counters" ? this.#server?.times() : undefined;
    void this.#tell({ type: "event", event, times });
    return true;
  }

  /** Tells the sentence and the exit code with which this process ends. */
  fail(reason: string, code: number): void {
    this.#tell({ type: "failed", reason, code });
  }

  /** Waits until everything told is out, or nobody has taken it in time. */
  flush(): Promise<void> {
    return atMost(LAST_WORD, this.#told);
  }

  /** Obeys until the input ends: then the supervisor is gone. */
  async #listen(lines: ReadableStreamDefaultReader<string>): Promise<void> {
    for (;;) {
      const { value, done } = await lines.read();
      if (done) return this.#stop();
      this.#obey(value as Order); // sound: it is this program that writes them
    }
  }

  #obey(order: Order): void {
    if (order === "stop") this.#stop();
    else if (order === "follow" || order === "unfollow") this.#screen?.follow(order === "follow");
    else if (this.#server === undefined) this.#orders.push(order);
    else if (order === "report") this.#server.report();
    else void this.#server.reload();
  }

  /** Resolves when the report is out. */
  #tell(report: Report): Promise<void> {
    for (const line of linesOf(report, this.#secret)) {
      // The stream writes one after the other; there may be no reader.
      this.#told = this.#reports.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    }
    return this.#told;
  }
}
