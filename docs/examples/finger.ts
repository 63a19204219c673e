// A finger service (RFC 1288): tells of one user, or of all for an empty line; then it hangs up.
// deno run -A main.ts --port 79 --handler docs/examples/finger.ts
import type { HandlerContext } from "../../lib/mod.ts";

export const defaults = { newline: "crlf", refuseHttp: true } as const;

const users = new Map([
  ["ada", { name: "Ada Lovelace", plan: ["Bernoulli numbers, by engine."] }],
  ["grace", { name: "Grace Hopper", plan: ["Find the moth.", "Write it a compiler."] }],
]);

/** The line is `[/W] [user][@host]`; `/W` asks for more, which everybody gets here. */
export default function finger(line: string, context: HandlerContext): string[] {
  context.end();
  const [, query] = /^(?:\/W\b)? *(.*?) *$/i.exec(line)!;
  if (query.includes("@")) return ["Finger forwarding service denied."];
  if (query === "") return [...users].map(([login, { name }]) => `${login.padEnd(10)}${name}`);
  const user = users.get(query);
  if (user === undefined) return [`${query}: no such user.`];
  return [`Login: ${query.padEnd(20)} Name: ${user.name}`, "Plan:", ...user.plan];
}
