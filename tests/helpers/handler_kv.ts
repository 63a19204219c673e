/**
 * Test tool: the `kv` server as a process in a folder of its own, and clients that store without a
 * pause and remember what they were told.
 */

import { assert, assertEquals } from "@std/assert";
import { exchangeText, LineClient } from "../../scripts/tools/line_client.ts";
import { ServerProcess } from "./program.ts";

/** The file of a server that was given no other, in its folder. */
const FILE = "hsha-kv.sqlite";

/** Flags of a server that may use that file. */
export const GRANTED: readonly string[] = [`--allow-read=${FILE}`, `--allow-write=${FILE}`];

/** Keys of one storm: each is set again and again. */
const KEYS = 40;

/** Lines of one storm under way. */
const WINDOW = 8;

/** A folder that is removed at the end of the scope. */
export class KvFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "hsha-kv-" });

  /** The path of the database. */
  get database(): string {
    return `${this.path}/${FILE}`;
  }

  /** A server with three workers, of which each job of a connection waits for the one before it. */
  start(
    args: readonly string[] = [],
    handler = "kv",
    env: Record<string, string> = {},
  ): Promise<ServerProcess> {
    const fixed = ["--handler", handler, "--workers", "3", "--order", "serial", ...GRANTED];
    return ServerProcess.start([...fixed, ...args], { cwd: this.path, env });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What was sent, and what of it was acknowledged: by key, the number of its latest value. */
export class Ledger {
  /** How many values were acknowledged. */
  acknowledgements = 0;
  #next = 1;
  readonly #sent = new Map<string, number>();
  readonly #acknowledged = new Map<string, number>();

  /**
   * Stores values over one connection until the server is gone, or `more` says that it is enough.
   *
   * @param name What its keys begin with.
   * @param verb The command, given a value's number; what is not `SET` may fail.
   */
  async storm(
    addr: Deno.Addr,
    { name, more, verb = () => "SET" }: {
      name: string;
      more: () => boolean;
      verb?: (number: number) => string;
    },
  ): Promise<void> {
    using client = await LineClient.connect(addr);
    const waiting: { key: string; number: number; mayFail: boolean }[] = [];
    const goOn = async () => {
      while (more() && waiting.length < WINDOW) {
        const number = this.#next++;
        const key = `${name}:${number % KEYS}`;
        const command = verb(number);
        waiting.push({ key, number, mayFail: command !== "SET" });
        this.#sent.set(key, number);
        await client.send(`${command} ${key} ${value(number)}\n`);
      }
    };
    try {
      for (await goOn(); waiting.length > 0; await goOn()) {
        const reply = await client.reply();
        const { key, number, mayFail } = waiting.shift()!;
        if (mayFail && reply.startsWith("ERR ")) continue;
        assertEquals(reply, "OK");
        this.#acknowledged.set(key, number);
        this.acknowledgements++;
      }
    } catch (error) {
      if (more() || !(error instanceof Error) || !isGone(error)) throw error;
    }
  }

  /** Asserts that the server has what it has acknowledged, or what was sent after that. */
  async verify(addr: Deno.Addr): Promise<void> {
    const keys = [...this.#sent.keys()];
    const answer = await exchangeText(addr, keys.map((key) => `GET ${key}\n`).join(""));
    const replies = answer.split("\n").slice(0, -1);
    assertEquals(replies.length, keys.length);
    for (const [index, key] of keys.entries()) {
      const reply = replies[index];
      const least = this.#acknowledged.get(key);
      if (least === undefined && reply === "ERR there is no such key") continue;
      const number = parseInt(reply);
      assertEquals(reply, value(number), `${key} holds what was never sent`);
      assert(number >= (least ?? 0), `${key} is ${number}, and was acknowledged as ${least}`);
      assert(number <= this.#sent.get(key)!, `${key} is ${number}, which was not sent`);
    }
  }
}

/** The value of a number: with spaces, and of any length up to a few hundred bytes. */
function value(number: number): string {
  return `${number} ${"ä ".repeat(number * 7 % 100)}`;
}

function isGone(error: Error): boolean {
  const { BrokenPipe, ConnectionReset } = Deno.errors;
  return error instanceof BrokenPipe || error instanceof ConnectionReset ||
    error.message.startsWith("the server closed the connection");
}
