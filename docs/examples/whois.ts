// A whois service (RFC 3912): one question, an answer of many lines, then it hangs up.
// deno run -A main.ts --port 4343 --handler docs/examples/whois.ts
import type { HandlerContext } from "../../lib/mod.ts";

export const defaults = { newline: "crlf", refuseHttp: true } as const;

const domains: Record<string, string[]> = {
  "tea.example": ["Domain: tea.example", "Owner: Earl Grey", "Status: hot"],
  "coffee.example": ["Domain: coffee.example", "Owner: Signora Moka", "Status: strong"],
};

export default function whois(line: string, context: HandlerContext): string[] {
  context.end();
  const name = line.trim().toLowerCase();
  return Object.hasOwn(domains, name) ? domains[name] : [`No match for "${name}".`];
}
