/**
 * A handler that does whatever harm its line asks for, and otherwise answers as echo does.
 *
 * A line is a deed's name alone, or with an argument after a space: `hang`, `sleep 20`, `throw no`.
 */

import process from "node:process";

interface Context {
  workerId: number;
}

type Deed = (argument: string, context: Context) => unknown;

/** Lines run by this worker since it started. */
let lines = 0;

const blocked = new Int32Array(new SharedArrayBuffer(4));

/** A value with values in it, which have values in them, without an end. */
function endless(): unknown {
  return Array.from({ length: 1000 }, () => ({ toJSON: () => Array(100_000).fill(0) }));
}

/** Kills the worker `millis` from now: an error whose event cannot be prevented is terminal. */
function dieIn(millis: number): void {
  Event.prototype.preventDefault = () => {
    throw new Error("not to be prevented");
  };
  setTimeout(() => {
    throw new Error("the worker dies");
  }, millis);
}

/** Jobs that fail by themselves. */
const FAILURES: Record<string, Deed> = {
  throw: (message) => {
    throw new Error(message);
  },
  overflow: function overflow(argument, context): unknown {
    return [overflow(argument, context)];
  },
  symbol: () => Symbol("cannot be sent"),
  function: () => () => "cannot be sent",
  object: () => ({ port: new MessageChannel().port1 }),
  null: () => null,
  number: () => 42,
  twoLines: () => "one\ntwo",
  reject: (message) => Promise.reject(new Error(message)),
  close: () => self.close(),
  exit: () => Deno.exit(3),
  processExit: () => process.exit(3),
  kill: () => Deno.kill(Deno.pid, "SIGKILL"),
  processKill: () => process.kill(process.pid, "SIGKILL"),
  abort: () => process.abort(),
};

/** Jobs that return, and leave something behind. */
const AFTERMATHS: Record<string, Deed> = {
  later: (message) => {
    setTimeout(() => {
      throw new Error(message);
    }, 0);
    return "it will throw";
  },
  stray: (message) => {
    Promise.reject(new Error(message));
    return "nobody handles its rejection";
  },
  /** Answers, and kills its worker so many milliseconds later. */
  dieIn: (millis) => {
    dieIn(parseInt(millis));
    return "it will die";
  },
  /** Leaves a file of its own each time it runs: what is run twice is seen twice. */
  mark: (file, { workerId }) => {
    Deno.writeTextFileSync(`${file}.${crypto.randomUUID()}`, "");
    return `${workerId} mark ${file}`;
  },
};

/** Jobs that take their time, or more of it than there is. */
const DELAYS: Record<string, Deed> = {
  hang: () => {
    for (;;);
  },
  catchAll: () => {
    for (;;) {
      try {
        for (;;);
      } catch {
        // nothing gets out
      }
    }
  },
  /** Waits for a word that nobody changes. */
  wait: () => Atomics.wait(blocked, 0, 0),
  /** Its text has no end. */
  json: () => JSON.stringify({ toJSON: endless }),
  regex: () => String(/^(a+)+$/.test(`${"a".repeat(60)}b`)),
  /** Loops after an `await`, where no guard reaches it. */
  stuck: async () => {
    await null;
    for (;;);
  },
  /** Blocks its worker for so many milliseconds, after an `await`. */
  nap: async (millis, { workerId }) => {
    await null;
    Atomics.wait(blocked, 0, 0, parseInt(millis));
    return `${workerId} nap ${millis}`;
  },
  forever: () => new Promise(() => {}),
  /** Waits for ever, and hears what is said to it only now and then. */
  drowsy: () => {
    setInterval(() => Atomics.wait(blocked, 0, 0, 4000), 0);
    return new Promise(() => {});
  },
  die: () => {
    dieIn(0);
    return new Promise(() => {});
  },
  /** Blocks its worker for so many milliseconds, without using the processor. */
  sleep: (millis, { workerId }) => {
    Atomics.wait(blocked, 0, 0, parseInt(millis));
    return `${workerId} sleep ${millis}`;
  },
  /** Keeps the processor busy for so many milliseconds, 0.02 say. */
  spin: (millis, { workerId }) => {
    for (const end = performance.now() + parseFloat(millis); performance.now() < end;);
    return `${workerId} spin ${millis}`;
  },
  await: async (millis, { workerId }) => {
    await new Promise((resolve) => setTimeout(resolve, parseInt(millis)));
    return `${workerId} await ${millis}`;
  },
};

/** Jobs that are harmless but odd. */
const ODDITIES: Record<string, Deed> = {
  big: (bytes) => "x".repeat(Number(bytes)),
  silent: () => undefined,
  count: () => String(lines),
};

const DEEDS: Record<string, Deed> = { ...FAILURES, ...AFTERMATHS, ...DELAYS, ...ODDITIES };

/** Does what the line says. */
export default function trouble(line: string, context: Context): unknown {
  lines++;
  const space = line.indexOf(" ");
  const name = space < 0 ? line : line.slice(0, space);
  if (!Object.hasOwn(DEEDS, name)) return `${context.workerId} ${line}`;
  return DEEDS[name](space < 0 ? "" : line.slice(space + 1), context);
}
