/**
 * `hsha connect`: a line client. In a pipe it hands bytes on as they are; for a person it has a
 * prompt.
 */

import { reason } from "../reason.ts";
import { defineCommand } from "./command.ts";
import {
  connectTo,
  ENDPOINT_EXCLUDES,
  ENDPOINT_OPERAND,
  ENDPOINT_TABLE,
  toEndpoint,
} from "./endpoint.ts";
import { Failure } from "./failure.ts";
import { CHUNK_BYTES, join, LineClient, LineSplitter, Stopwatch, writeAll } from "./line_client.ts";
import { coloursFor, outputFault } from "./output.ts";
import { beforeEndSignal } from "./signals.ts";
import { printable, Terminal } from "./terminal.ts";

const TABLE = {
  ...ENDPOINT_TABLE,
  time: {
    kind: "flag",
    help: "show how long each reply took, and at a terminal which worker answered",
    heading: "What it shows",
  },
} as const;

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** The command; its exit code is 0 when the server closed after the end of the input. */
export const connect = defineCommand({
  name: "connect",
  summary: "Sends standard input to a line server, and its replies to standard output. At a\n" +
    "terminal it has a prompt with line editing and history; Ctrl-D ends it.",
  usage: ["hsha connect [options] [HOST:]PORT"],
  table: TABLE,
  excludes: ENDPOINT_EXCLUDES,
  operand: ENDPOINT_OPERAND,
  notes: [
    "It half-closes the connection at the end of its input, and ends when the server has closed " +
    "its side, having answered everything.",
    "--time takes replies to come in the order of their lines, one for each.",
    "A variable of the environment stands in for an absent option: HSHA_PORT for --port, and " +
    "so on. Exit codes: 0 when all went well, 1 when the connection fails or the server closes " +
    "it too early, 2 when the command line is wrong, 130 after Ctrl-C. At a terminal SIGTERM " +
    "ends it with 143 and SIGHUP with 129.",
  ],
  examples: [
    ["hsha connect 7007", "talk to the server on this machine"],
    ["seq 5 | hsha connect --time 7007", "send five lines and see how long each took"],
    ["hsha connect --ca-cert ca.pem example.org:7007", "over TLS, with a certificate of your own"],
  ],
  async run(given) {
    const endpoint = toEndpoint(given);
    const client = new LineClient(await connectTo(endpoint), endpoint.name);
    const time = given.time ?? false;
    const isPerson = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    return isPerson ? await converse(client, { time }) : await pipe(client, { time });
  },
});

/** Hands bytes both ways, each as fast as its receiver takes them. */
async function pipe(client: LineClient, { time }: { time: boolean }): Promise<number> {
  const watch = time ? new Stopwatch() : undefined;
  const sending = sendInput(client, watch);
  const splitter = new LineSplitter();
  try {
    const receiving = client.receive((chunk) =>
      writeOut(watch ? withTimes(splitter.push(chunk), watch) : chunk)
    ).finally(() => writeOut(splitter.end()));
    // A failing input is told at once; its end is not the end of the replies.
    await Promise.race([receiving, sending.then(() => receiving)]);
  } catch (error) {
    // Nobody reads the replies any more: `hsha connect … | head -1`.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  return 0;
}

async function writeOut(bytes: Uint8Array): Promise<void> {
  await writeAll(Deno.stdout, bytes).catch((error) => {
    throw outputFault(error);
  });
}

async function sendInput(client: LineClient, watch?: Stopwatch): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await Deno.stdin.read(buffer).catch((error) => {
      throw new Failure(`cannot read standard input: ${reason(error)}`);
    });
    if (count === null) break;
    watch?.sent(buffer.subarray(0, count));
    if (!await client.send(buffer.subarray(0, count))) return;
  }
  watch?.ended();
  await client.end();
}

/** Replies, each behind the time it took: `0.123 ms  2 hello`. */
function withTimes(lines: Iterable<Uint8Array>, watch: Stopwatch): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const line of lines) {
    parts.push(encoder.encode(`${duration(watch.answered())}  `), line, encoder.encode("\n"));
  }
  return join(parts);
}

/** Talks with a person: lines as they are entered, replies as they come. */
async function converse(client: LineClient, { time }: { time: boolean }): Promise<number> {
  const encoder = new TextEncoder();
  const watch = new Stopwatch();
  const splitter = new LineSplitter();
  const { cyan, green } = coloursFor(Deno.stdout);
  // Before the terminal is taken: from then on it has to be given back.
  beforeEndSignal(() => terminal.close());
  const terminal = new Terminal({
    onLine(line) {
      const bytes = encoder.encode(`${line}\n`);
      watch.sent(bytes);
      void client.send(bytes);
    },
    onEnd: () => void client.end(),
    onInterrupt() {
      terminal.close();
      Deno.exit(INTERRUPTED);
    },
  });
  try {
    await client.receive((chunk) => {
      for (const line of splitter.push(chunk)) {
        const reply = printable(line);
        const took = watch.answered();
        const worker = /^\d+(?= )/.exec(reply)?.[0];
        const prefix = [cyan(duration(took)), ...worker ? [green(`worker ${worker}`)] : []];
        terminal.show(time ? `${prefix.join("  ")}  ${reply}` : reply);
      }
    });
  } finally {
    // A reply that broke off is shown as well, and without a time: it is not whole.
    const rest = splitter.end();
    if (rest.length > 0) terminal.show(printable(rest));
    terminal.close();
  }
  return 0;
}

function duration(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "-" : `${milliseconds.toFixed(3)} ms`;
}
