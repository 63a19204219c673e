/** Test tool: NATS, played in this process: connections that can be cut, and messages that get lost. */

import type { Bus, Receiver } from "../../lib/cluster/nodes/bus.ts";
import { decode, type Message } from "../../lib/cluster/nodes/protocol.ts";
import type { Executor, ExecutorSet, Portion } from "../../lib/queueing/executor.ts";

/** What brings messages from one connection to the others. */
export class PlayedNats {
  readonly #buses = new Set<PlayedBus>();
  /** The type of which the next message gets lost on its way. */
  lost: Message["type"] | undefined;

  /** Messages that are on their way. */
  underWay = 0;

  connect(): PlayedBus {
    const bus = new PlayedBus(this);
    this.#buses.add(bus);
    return bus;
  }

  leave(bus: PlayedBus): void {
    this.#buses.delete(bus);
  }

  /** As NATS does: to all that have subscribed; and word to the sender if there are none. */
  bring(from: PlayedBus, { subject, bytes, reply }: Letter): void {
    this.underWay--;
    const message = decode(bytes)?.head;
    if (message !== undefined && message.type === this.lost) return void (this.lost = undefined);
    let heard = 0;
    for (const bus of this.#buses) heard += bus.receive(subject, bytes);
    if (heard === 0 && reply !== undefined) from.receive(reply, undefined);
  }
}

interface Letter {
  subject: string;
  bytes: Uint8Array;
  reply?: string;
}

/** One connection. */
export class PlayedBus implements Bus {
  readonly name = "NATS";
  connected = true;
  maxPayload = 2 ** 20;
  onChange: Bus["onChange"] = () => {};
  readonly #nats: PlayedNats;
  readonly #subscriptions: { pattern: RegExp; receive: Receiver }[] = [];

  constructor(nats: PlayedNats) {
    this.#nats = nats;
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): void {
    const letter = { subject, bytes: bytes.slice(), reply };
    this.#nats.underWay++;
    setTimeout(() => this.#nats.bring(this, letter), 0);
  }

  subscribe(subject: string, receive: Receiver): void {
    const pattern = new RegExp(`^${subject.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`);
    this.#subscriptions.push({ pattern, receive });
  }

  /** Takes a message, if it has subscribed. @returns how often it has */
  receive(subject: string, bytes: Uint8Array | undefined): number {
    const those = this.#subscriptions.filter(({ pattern }) => pattern.test(subject));
    for (const { receive } of those) receive(bytes, subject);
    return those.length;
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#nats.leave(this);
    return Promise.resolve();
  }
}

/** One worker, played: what it is given waits until the test has it answered. */
export class PlayedWorkers implements ExecutorSet {
  readonly capacity = { lines: 100, bytes: 10_000 };
  onRoom: () => void = () => {};
  onLost = () => {};
  whenUnpinned = () => Promise.resolve();
  readonly all: Executor[] = [];
  /** What it has. */
  portion: Portion | undefined;
  recalls = 0;

  get idleCount(): number {
    return this.portion === undefined ? 1 : 0;
  }

  idle(): Executor | undefined {
    if (this.portion !== undefined) return undefined;
    const send = (portion: Portion) => void (this.portion = portion);
    return { id: 1, load: 0, idle: true, hasRoom: true, send };
  }

  leastBusy(): undefined {}

  recall(): void {
    this.recalls++;
  }

  /** Answers all that it has: each line by itself. */
  answer(): void {
    const { runs } = this.portion!;
    this.portion = undefined;
    for (const run of runs) {
      const bytes = new TextEncoder().encode(`${run.text}\n`);
      run.answered({ lines: run.count, bytes, failed: 0, ends: false });
      run.took(5, { executor: 1, at: performance.now() });
    }
    this.onRoom();
  }
}
