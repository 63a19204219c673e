/** What an operator is told of something that a handler threw: its kind, and where it was thrown. */

/** The folder of the server's own code in a worker: not a handler's. */
const OWN = new URL("..", import.meta.url).href;

/** Handlers that are built in. */
const BUILT_IN = new URL("../../handlers/", import.meta.url).href;

/** Longest texts, in UTF-16 code units. */
const MAX_NAME = 100;
const MAX_MESSAGE = 2000;
const MAX_STACK = 8000;

/** A frame of a stack trace: an address, a line and a column. */
const FRAME = /^ +at (?:.*\()?([a-z]+:\S*?):(\d+):(\d+)\)?$/gm;

/** The class of an error. It does not look at the stack, which takes 50 to 200 µs. */
export function kindOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return "a value that is no Error";
    const { name } = thrown.constructor;
    return typeof name === "string" && name !== "" ? name.slice(0, MAX_NAME) : "Error";
  } catch {
    return "a value that cannot be shown";
  }
}

/** What there is to tell besides the kind. */
export interface FaultOrigin {
  /** File, line and column of the handler, as in `words.ts:5:9`. */
  place?: string;
  /** A permission that Deno has refused, in its own words. */
  permission?: string;
  message: string;
  stack?: string;
}

/** Looks at whatever was thrown, even if it throws when it is looked at. */
export function originOf(thrown: unknown): FaultOrigin {
  try {
    if (!(thrown instanceof Error)) {
      return { message: Deno.inspect(thrown, { depth: 0 }).slice(0, MAX_MESSAGE) };
    }
    const message = String(thrown.message).slice(0, MAX_MESSAGE);
    const origin: FaultOrigin = { message };
    if (isRefusal(thrown)) origin.permission = message;
    const { stack } = thrown;
    if (typeof stack !== "string") return origin;
    origin.stack = stack.slice(0, MAX_STACK);
    const place = placeIn(stack, String(thrown.message));
    if (place !== undefined) origin.place = place;
    return origin;
  } catch {
    return { message: "" };
  }
}

/** Whether Deno refused a permission. In a worker the error may be of another class of that name. */
function isRefusal(error: Error): boolean {
  return error instanceof Deno.errors.NotCapable || error.name === "NotCapable";
}

/** The handler's innermost place in a stack trace. The trace begins with the message. */
function placeIn(stack: string, message: string): string | undefined {
  const begin = stack.indexOf(message);
  if (begin < 0) return undefined; // the beginning of the trace may quote a line
  for (const [, address, line, column] of stack.slice(begin + message.length).matchAll(FRAME)) {
    if (/^(?:ext|node):/.test(address)) continue;
    if (address.startsWith(OWN) && !address.startsWith(BUILT_IN)) continue;
    const file = address.startsWith("data:") ? "handler" : address.split(/[/\\]/).at(-1);
    return `${file}:${line}:${column}`.slice(-MAX_NAME);
  }
}
