/** `hsha` at a terminal: Deno does not ask there for what a handler was not granted. */

import { assertEquals, assertMatch } from "@std/assert";
import { LineClient } from "../scripts/tools/line_client.ts";
import { within } from "../scripts/tools/deadline.ts";
import { handlerFile } from "../scripts/tools/files.ts";
import { ROOT } from "./helpers/program.ts";

/** A command that gives a program a terminal. */
const SCRIPT = "/usr/bin/script";

/** What the handler may not do, each with what Deno says of it. */
const ATTEMPTS: [attempt: string, says: RegExp][] = [
  ["env HOME", /^ERR Requires env access to "HOME"/],
  ["run true", /^ERR Requires run access to/],
  ["read /etc/hostname", /^ERR Requires read access to/],
  ["listen", /^ERR Requires net access to/],
  ["host", /^ERR Requires sys access to "hostname"/],
];

/** Ends the server: by a signal to its process, or by a key. */
const STOPS: [name: string, stop: (program: AtTerminal) => Promise<void>][] = [
  ["SIGTERM", (program) => Promise.resolve(Deno.kill(program.pid, "SIGTERM"))],
  ["SIGHUP", (program) => Promise.resolve(Deno.kill(program.pid, "SIGHUP"))],
  ["Ctrl-C", (program) => program.type("\x03")],
];

for (const [name, stop] of STOPS) {
  Deno.test(`hsha at a terminal refuses what was not granted, serves on, and stops at ${name}`, {
    // `script` of util-linux makes the terminal.
    ignore: Deno.build.os !== "linux" || !exists(SCRIPT),
  }, async () => {
    const handler = ["--handler", handlerFile("snoop.js")];
    await using program = new AtTerminal(["--port", "0", "--workers", "1", ...handler]);
    const [, port] = await program.shows(/listening on 127\.0\.0\.1:(\d+)/);
    const address = { transport: "tcp", hostname: "127.0.0.1", port: Number(port) } as const;
    using client = await LineClient.connect(address);
    for (const [attempt, says] of ATTEMPTS) assertMatch(await client.ask(attempt), says);
    using other = await LineClient.connect(address);
    assertMatch(await other.ask("ask read"), /^it could: "denied"$/);
    await stop(program);
    await program.shows(/stopped; /);
    assertEquals((await program.status).code, 0);
    assertEquals(/Allow\?/.test(program.screen), false, program.screen);
  });
}

/** The program at a terminal of its own, which is killed when the test is over. */
class AtTerminal implements AsyncDisposable {
  /** What the terminal shows. */
  screen = "";
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  #grown = Promise.withResolvers<void>();

  constructor(args: readonly string[]) {
    const words = [Deno.execPath(), "run", "-A", `${ROOT}main.ts`, ...args];
    const program = words.map((word) => `'${word}'`).join(" ");
    this.#child = new Deno.Command(SCRIPT, {
      args: ["-qec", `echo pid=$$; exec ${program}`, "/dev/null"],
      env: { TERM: "xterm", NO_COLOR: "1", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#read = this.#readScreen();
  }

  /** The program's process; it is known once it has shown anything. */
  get pid(): number {
    return Number(/pid=(\d+)/.exec(this.screen)?.[1]);
  }

  /** Of `script`, which has the program's exit code. */
  get status(): Promise<Deno.CommandStatus> {
    return within(this.#child.status, "the program's end");
  }

  type(keys: string): Promise<void> {
    return this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits for the screen to match. */
  async shows(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.screen.match(pattern);
      if (match !== null) return match;
      await within(this.#grown.promise, `${pattern} in ${JSON.stringify(this.screen)}`);
    }
  }

  async #readScreen(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.screen += text;
      this.#grown.resolve();
      this.#grown = Promise.withResolvers<void>();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(this.pid, "SIGKILL");
    } catch {
      // it has ended
    }
    await this.#keys.close().catch(() => {});
    await this.#child.status;
    await this.#read;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
