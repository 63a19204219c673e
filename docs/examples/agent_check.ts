// What HAProxy's agent-check asks: how much a machine can take. It tells so at once, and hangs up.
// deno run -A main.ts --port 7778 --handler docs/examples/agent_check.ts --allow-sys=loadavg
import type { HandlerContext } from "../../lib/mod.ts";

/** The weight that is left, in percent: 100 at rest, 1 when every processor has a queue. */
function weight(load: number, processors: number): number {
  return Math.max(1, Math.round(100 * (1 - load / processors)));
}

export function open(context: HandlerContext): string {
  context.end();
  const [load] = Deno.loadavg();
  return `up ${weight(load, navigator.hardwareConcurrency)}%`;
}

/** HAProxy's agent-send may say something; nobody asked for it. */
export default function ignore(): undefined {}
