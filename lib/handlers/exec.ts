/**
 * Built-in handler `exec`: any program that answers a line on its standard input by a line on its standard
 * output. Each worker has a process of its own. Why: code that blocks, in any language. See docs/programs.md.
 */

import { launched } from "../half_sync/worker/launch.ts";
import { Conversation } from "./exec/conversation.ts";
import { ExecMemory, type ExecMessage } from "./exec/memory.ts";

// As it is before anybody could put another in its place.
const post: (message: ExecMessage) => void = self.postMessage.bind(self);

const memory = new ExecMemory();
const conversation = new Conversation(memory, { launch: launched(), post });
post({ exec: "begun", memory: memory.memory });

/** How it is meant to be served: no web page can send a line. */
export const defaults = { refuseHttp: true };

/** Asks the program. */
export default function exec(line: string): string {
  return conversation.ask(line);
}

/** Ends the program's input and waits for its end: the worker is about to end. */
export function dispose(): Promise<void> {
  return conversation.dispose();
}
