/**
 * Reads the terminal sessions of a page (its ```console blocks) and plays them: types every command,
 * and compares what appears with what the page prints. `$` begins a command, `^C` is Ctrl-C in the
 * server's terminal, `…` stands for any text.
 */

import { Session } from "./session.ts";

/** A command of a page and the lines that the page prints after it. */
export interface Step {
  command: string;
  expected: string[];
}

/** One ```console block. */
export interface Block {
  /** Whether what follows on the page happens while the block's command runs. */
  background: boolean;
  /** More output of the server, from the time of this block; `^C` is a key press. */
  more: string[];
  steps: Step[];
}

/** "background" after the language is unseen on the rendered page, where the prose says it. */
const FENCE = /^```console( background)?\n(.*?)^```$/gms;
/** What starts a server: a step, or its counterpart in Twisted. */
const SERVERS = [
  /^npx -y deno@[\d.]+ run -A docs\/howto\/\d\d[a-z]?_\w+\.ts$/,
  /^python3 docs\/howto\/twisted\/\d\d_\w+\.py$/,
];
const ROOT = new URL("../../", import.meta.url);

/** The sessions of a page, in the order of the page. */
export function parseBlocks(page: string): Block[] {
  return [...page.matchAll(FENCE)].map(([, background, body]) => {
    const block: Block = { background: background !== undefined, more: [], steps: [] };
    for (const line of body.trimEnd().split("\n")) {
      if (line.startsWith("$ ")) block.steps.push({ command: line.slice(2), expected: [] });
      else (block.steps.at(-1)?.expected ?? block.more).push(line);
    }
    return block;
  });
}

/**
 * Plays the sessions of a page, with programs on free ports.
 *
 * @param page The text of the page.
 * @param python What runs the commands that begin with `python3`.
 * @throws {Error} If something else appears than what the page prints.
 */
export async function play(page: string, python = "python3"): Promise<void> {
  await using stage = new Stage(python);
  for (const block of parseBlocks(page)) {
    await stage.expectMore(block.more);
    for (const step of block.steps) {
      if (SERVERS.some((server) => server.test(step.command))) await stage.startServer(step);
      else if (block.background) await stage.startClient(step);
      else await stage.run(step);
    }
  }
  await stage.finishClients();
}

/** What runs while a page is played. */
class Stage implements AsyncDisposable {
  /** The page's ports, and those in use instead. */
  readonly #ports = new Map<string, string>();
  readonly #clients: { session: Session; rest: string[] }[] = [];
  readonly #python: string;
  #server?: Session;

  constructor(python: string) {
    this.#python = python;
  }

  async startServer({ command, expected }: Step): Promise<void> {
    await this.#stopServer();
    this.#server = this.#open(`exec ${command} 0`);
    const pagePort = /:(\d+)$/.exec(expected[0])?.[1];
    const port = /:(\d+)$/.exec(await this.#server.nextLine() ?? "")?.[1];
    if (pagePort === undefined || port === undefined) throw new Error(`${command} does not listen`);
    this.#ports.set(pagePort, port);
    await this.#server.expect(expected.slice(1));
  }

  async expectMore(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      if (line === "^C") this.#server?.interrupt();
      else await this.#server?.expect([line]);
    }
  }

  /** Starts a client, and goes on as soon as its first line is there. */
  async startClient({ command, expected }: Step): Promise<void> {
    const session = this.#open(command);
    this.#clients.push({ session, rest: expected.slice(1) });
    await session.expect(expected.slice(0, 1));
  }

  async run({ command, expected }: Step): Promise<void> {
    await using session = this.#open(command);
    await session.expect(expected);
    await session.expectEnd();
  }

  /** Waits for what the page prints of each client; one that prints nothing more is left alone. */
  async finishClients(): Promise<void> {
    for (const { session, rest } of this.#clients) await session.expect(rest);
  }

  async #stopServer(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  #open(command: string): Session {
    const deno = `'${Deno.execPath()}'`;
    let text = command.replaceAll(/\bnpx -y deno@[\d.]+/g, deno)
      .replaceAll(/\bpython3\b/g, `'${this.#python}'`);
    for (const [page, real] of this.#ports) text = text.replaceAll(page, real);
    return new Session(text, { cwd: ROOT, ports: this.#ports });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopServer();
    for (const { session } of this.#clients) await session[Symbol.asyncDispose]();
  }
}
