/** Test tool: one connection as a handler sees it, played without a server. */

import type { HandlerContext, HandlerModule, Reply } from "../../lib/mod.ts";

/** A connection, which remembers whether the handler has hung up. */
export class FakeConnection<Session> implements HandlerContext<Session> {
  readonly workerId = 1;
  readonly connectionId = "1-1";
  readonly remoteAddr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 50_000 };
  readonly args: readonly string[];
  session: Session | undefined;
  ended = false;
  readonly #module: HandlerModule<Session>;

  constructor(module: HandlerModule<Session>, ...args: string[]) {
    this.#module = module;
    this.args = args;
  }

  end(): void {
    this.ended = true;
  }

  /** The lines of the greeting. */
  async open(): Promise<readonly string[]> {
    return linesOf(await this.#module.open?.(this));
  }

  /** The lines of the replies to some lines; those behind the end get none. */
  async say(...lines: string[]): Promise<readonly string[]> {
    const replies: string[] = [];
    for (const line of lines) {
      if (this.ended) break;
      replies.push(...linesOf(await this.#module.default(line, this)));
    }
    return replies;
  }
}

function linesOf(reply: Reply): readonly string[] {
  if (reply === undefined) return [];
  return typeof reply === "string" ? [reply] : reply;
}
