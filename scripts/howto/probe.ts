/**
 * A line client to measure with: it tells what came, and how many milliseconds that took.
 */

import { LineClient } from "../tools/line_client.ts";
import { pause } from "../tools/pause.ts";

/** A connection to a line server on this machine. */
export class Probe implements Disposable {
  readonly #client: LineClient;

  private constructor(client: LineClient) {
    this.#client = client;
  }

  static async connect(port: number): Promise<Probe> {
    return new Probe(
      await LineClient.connect({ transport: "tcp", hostname: "127.0.0.1", port }),
    );
  }

  /** Sends text as it is, whole. */
  send(text: string): Promise<void> {
    return this.#client.send(text);
  }

  /** The next reply; `undefined` when the server has closed. */
  reply(): Promise<string | undefined> {
    return this.#client.nextReply();
  }

  /** Sends a line and waits for its reply; resolves to the milliseconds that it took. */
  async ask(line: string): Promise<number> {
    const start = performance.now();
    await this.#client.ask(line);
    return performance.now() - start;
  }

  /** Sends lines at once; resolves to the milliseconds after which each of the replies came. */
  async askAll(texts: readonly string[]): Promise<{ reply: string; at: number }[]> {
    const start = performance.now();
    const sent = this.send(texts.map((text) => `${text}\n`).join(""));
    const replies = [];
    while (replies.length < texts.length) {
      const reply = await this.reply();
      if (reply === undefined) break;
      replies.push({ reply, at: performance.now() - start });
    }
    await sent.catch(() => {});
    return replies;
  }

  /** Says that no more lines come. */
  end(): Promise<void> {
    return this.#client.finish();
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/**
 * A quick client beside others: asks every `every` milliseconds for `duration` milliseconds,
 * each time on schedule, whether the reply before came or not, and notes how long each waited.
 */
export async function pulse(
  port: number,
  { line, every, duration }: { line: string; every: number; duration: number },
): Promise<[at: number, waited: number][]> {
  using probe = await Probe.connect(port);
  const count = Math.floor(duration / every);
  const start = performance.now();
  const sending = (async () => {
    for (let index = 0; index < count; index++) {
      await pause(Math.max(0, start + index * every - performance.now()));
      await probe.send(`${line}\n`);
    }
  })();
  const waits: [number, number][] = [];
  for (let index = 0; index < count; index++) {
    await probe.reply();
    waits.push([index * every, performance.now() - start - index * every]);
  }
  await sending;
  return waits;
}

/** Sends a line again and again, for as long as the connection takes it. */
export function sendForEver(probe: Probe, line: string): { readonly sent: number } {
  const flood = { sent: 0 };
  const chunk = `${line}\n`.repeat(1000);
  (async () => {
    for (;; flood.sent += 1000) await probe.send(chunk);
  })().catch(() => {}); // the connection is closed in the end
  return flood;
}

/** Takes replies for as long as they come. */
export function countReplies(probe: Probe): { readonly count: number } {
  const answered = { count: 0 };
  (async () => {
    while (await probe.reply() !== undefined) answered.count++;
  })().catch(() => {});
  return answered;
}
