/**
 * `hsha connect`: a line client. In a pipe it hands bytes on as they are; for a person it has a
 * prompt.
 */

import { CHUNK_BYTES, Connection } from "../client/connection.ts";
import { ConnectionLostError } from "../client/errors.ts";
import { defineCommand } from "./command.ts";
import {
  connectTo,
  ENDPOINT_EXCLUDES,
  ENDPOINT_OPERAND,
  ENDPOINT_TABLE,
  toEndpoint,
} from "./endpoint.ts";
import { Failure } from "./failure.ts";
import { coloursFor, readIn, writeOut } from "./output.ts";
import { type LinePiece, LineSplitter, Stopwatch, TimeStamp } from "./replies.ts";
import { beforeEndSignal } from "./signals.ts";
import { Terminal } from "./terminal.ts";
import { printable } from "./visible.ts";

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

/**
 * Milliseconds that the input may take to end once the server has closed: where a last line such as "bye"
 * makes the server close, both ends come at once.
 */
const LAST_MOMENT = 200;

/** Bytes of a reply that a terminal shows at once; the rest of a longer one follows below. */
const LONGEST_SHOWN = 131_072;

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
    "At the end of its input it half-closes the connection, and ends when the server has answered " +
    "everything and closed its side.",
    "--time expects one reply for each line, in order, and counts until the reply begins.",
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
    const connection = new Connection(await connectTo(endpoint), endpoint.name);
    const isPerson = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    try {
      await (isPerson ? converse : pipe)(connection, { time: given.time ?? false });
    } catch (error) {
      // Nobody reads the replies any more: `hsha connect … | head -1`.
      if (error instanceof Deno.errors.BrokenPipe) return 0;
      if (error instanceof ConnectionLostError) throw new Failure(error.message);
      throw error;
    }
    // After the input's end, too, bytes that the server did not take are lost.
    if (connection.complete) return 0;
    throw new Failure(`${endpoint.name} closed the connection before the end of the input`);
  },
});

/** Hands bytes both ways, each as fast as its receiver takes them. */
async function pipe(connection: Connection, { time }: { time: boolean }): Promise<void> {
  const watch = time ? new Stopwatch() : undefined;
  const stamp = watch && new TimeStamp(() => `${duration(watch.answered())}  `);
  let isOver = false;
  const sending = sendInput(connection, { watch, isOver: () => isOver });
  const receiving = connection.receive((chunk) => writeOut(stamp?.mark(chunk) ?? chunk))
    .then(() => void (isOver = true));
  // A failure of the input ends both at once; after the input's end replies still come.
  await Promise.race([receiving, sending.then(() => receiving)]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([sending, new Promise((over) => timer = setTimeout(over, LAST_MOMENT))]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends the input to its end, or until the server has closed the connection. */
async function sendInput(
  connection: Connection,
  { watch, isOver }: { watch?: Stopwatch; isOver: () => boolean },
): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await readIn(buffer);
    if (count === null) break;
    if (isOver()) return; // a write may seem to succeed, and its bytes are lost
    watch?.sent(buffer.subarray(0, count));
    if (!await connection.send(buffer.subarray(0, count))) return;
  }
  watch?.ended();
  await connection.end();
}

/** Talks with a person: lines as they are entered, replies as they come. */
async function converse(connection: Connection, { time }: { time: boolean }): Promise<void> {
  const encoder = new TextEncoder();
  const watch = new Stopwatch();
  const splitter = new LineSplitter(LONGEST_SHOWN);
  const { cyan, green } = coloursFor(Deno.stdout);
  // Before the terminal is changed: from then on it must be given back.
  beforeEndSignal(() => terminal.closeNow());
  const terminal = new Terminal({
    onLine(line) {
      const bytes = encoder.encode(`${line}\n`);
      watch.sent(bytes);
      void connection.send(bytes);
    },
    onEnd: () => void connection.end(),
    onInterrupt: () => void terminal.close().then(() => Deno.exit(INTERRUPTED)),
  });
  const shown = ({ line, begins }: LinePiece) => {
    const reply = toText(line);
    if (!begins) return reply;
    const took = watch.answered();
    const worker = /^\d+(?= )/.exec(reply)?.[0];
    const prefix = [cyan(duration(took)), ...worker ? [green(`worker ${worker}`)] : []];
    return time ? `${prefix.join("  ")}  ${reply}` : reply;
  };
  try {
    await connection.receive((chunk) => terminal.show([...splitter.push(chunk)].map(shown)));
  } finally {
    // A reply that broke off is shown as well, and without a time: it is not whole.
    const rest = splitter.end();
    if (rest.length > 0) void terminal.show([toText(rest)]);
    await terminal.close();
  }
}

/** Bytes as text that is safe to show, with `�` for what is no UTF-8. */
function toText(line: Uint8Array): string {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(line);
  return printable(text.replace(/\r$/, ""));
}

function duration(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "-" : `${milliseconds.toFixed(3)} ms`;
}
