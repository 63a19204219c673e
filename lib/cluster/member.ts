/** A server process's side of its supervisor: the orders that it gets, and what it tells of itself. */

import process from "node:process";
import type { ServerEvent } from "../observe/events.ts";
import { isLifeEvent, type Order, type Report } from "./messages.ts";

/** What carries out orders. */
export interface Obedient {
  /** Never rejects: an event tells what came of it. */
  reload(): Promise<void>;
  report(): void;
}

/** This process as one of several. */
export class Member {
  /** How many words of its command line are the supervisor's, behind the first. */
  static readonly WORDS = 2;
  /** What this process is, if it is one of several. */
  static current: Member | undefined;
  /** Its number, 1…N; the one that takes its place has it too. */
  readonly number: number;
  /** The port of the service. */
  readonly port: number;
  #server: Obedient | undefined;
  /** Orders that came before the server could hear them. */
  #orders: Order["type"][] = [];
  /** Without a way to stop there is nothing yet that would be lost. */
  #stop: () => void = () => Deno.exit(1);

  private constructor(number: number, port: number) {
    this.number = number;
    this.port = port;
    process.on("message", (message: unknown) => this.#obey((message as Order).type)); // sound: it is this program's
    process.on("disconnect", () => this.#stop());
    if (!process.connected) this.#stop();
  }

  /**
   * Joins the supervisor that started this process.
   *
   * @param words The process's number and the port, as the supervisor wrote them.
   * @returns this process as one of several, or `undefined` if no supervisor started it
   */
  static join([number, port]: string[]): Member | undefined {
    if (process.send === undefined) return undefined;
    return Member.current = new Member(Number(number), Number(port));
  }

  /** Says how to stop: when the supervisor asks for it, and when it is gone. */
  onStop(stop: () => void): void {
    this.#stop = stop;
  }

  /** Gives it the server that runs. */
  attach(server: Obedient): void {
    this.#server = server;
    for (const order of this.#orders.splice(0)) this.#obey(order);
  }

  /** Tells the supervisor of an event, if it is one for it. @returns whether it is */
  takes(event: ServerEvent): boolean {
    if (!isLifeEvent(event)) return false;
    void this.#tell({ type: "event", event });
    return true;
  }

  /** Tells with which sentence and exit code this process ends. */
  fail(reason: string, code: number): Promise<void> {
    return this.#tell({ type: "failed", reason, code });
  }

  #obey(order: Order["type"]): void {
    if (order === "stop") this.#stop();
    else if (this.#server === undefined) this.#orders.push(order);
    else if (order === "report") this.#server.report();
    else void this.#server.reload();
  }

  #tell(report: Report): Promise<void> {
    if (!process.connected) return Promise.resolve();
    return new Promise((resolve) => process.send!(report, () => resolve()));
  }
}
