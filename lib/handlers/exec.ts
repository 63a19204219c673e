/**
 * Built-in handler `exec`: gives each line to a program's standard input, and takes the reply from its
 * standard output. Each worker has a program of its own. It is for code that blocks, in any language; see
 * docs/programs.md.
 */

import { launched } from "../half_sync/worker/launch.ts";
import { Conversation } from "./exec/conversation.ts";
import { ExecMemory, type ExecMessage } from "./exec/memory.ts";

// Taken at the start, before other code could replace it.
const post: (message: ExecMessage) => void = self.postMessage.bind(self);

const memory = new ExecMemory();
const conversation = new Conversation(memory, { launch: launched(), post });
post({ exec: "begun", memory: memory.memory });

/** How it is meant to be served: no web page may send it a line. */
export const defaults = { refuseHttp: true };

/** The program's answer to a line. */
export default function exec(line: string): string {
  return conversation.ask(line);
}

/** Closes the program's input, and waits until the program has ended: so will the worker. */
export function dispose(): Promise<void> {
  return conversation.dispose();
}
