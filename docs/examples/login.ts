// A login, and commands for users who are in: deno run -A main.ts --handler docs/examples/login.ts
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { HandlerContext } from "../../lib/mod.ts";

interface Session {
  name?: string;
  isIn: boolean;
  failures: number;
}

export const defaults = {
  order: "pinned",
  newline: "crlf",
  telnet: true,
  idleTimeout: 60,
} as const;

/** Slow on purpose; others are served meanwhile. */
const hash = (password: string) => scryptSync(password, salt, 32);
const salt = randomBytes(16);
const passwords = new Map([["ada", hash("engine")], ["grace", hash("moth")]]);
const nobody = hash(randomBytes(16).toString("hex"));

export function open(context: HandlerContext<Session>): string {
  context.session = { isIn: false, failures: 0 };
  return "Who are you?";
}

export default function login(line: string, context: HandlerContext<Session>): string {
  const session = context.session!;
  if (session.isIn) return command(line, context);
  if (session.name === undefined) {
    session.name = line;
    return "Password?";
  }
  session.isIn = timingSafeEqual(hash(line), passwords.get(session.name) ?? nobody);
  if (session.isIn) return `Welcome, ${session.name}.`;
  session.name = undefined;
  if (++session.failures < 3) return "That is wrong. Who are you?";
  context.end();
  return "That is wrong. Goodbye.";
}

function command(line: string, context: HandlerContext<Session>): string {
  if (line === "who") return context.session!.name!;
  if (line !== "quit") return "Commands: who, quit.";
  context.end();
  return "Goodbye.";
}
