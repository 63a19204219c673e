// A policy service for Postfix (its SMTPD_POLICY_README is the specification) that refuses senders:
// deno run -A main.ts --handler docs/examples/postfix_policy.ts -- spam.example junk.example
import type { HandlerContext } from "../../lib/mod.ts";

/** The attributes of the request that is coming in. */
type Request = Map<string, string>;

export const defaults = { order: "pinned", refuseHttp: true, idleTimeout: 0 } as const;

/** A request is lines of `name=value`, then an empty line; so is a reply. */
export default function policy(line: string, context: HandlerContext<Request>): string[] {
  const request = context.session ??= new Map();
  if (line !== "") {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(line)!;
    request.set(name, value);
    if (request.size > 100) context.end();
    return [];
  }
  context.session = undefined;
  return [`action=${decide(request, context.args)}`, ""];
}

/** What access(5) allows: `DUNNO` leaves it to the next restriction. */
function decide(request: Request, refused: readonly string[]): string {
  const domain = (request.get("sender") ?? "").split("@").at(-1)!.toLowerCase();
  return refused.includes(domain) ? `REJECT no mail from ${domain}` : "DUNNO";
}
