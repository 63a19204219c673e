// Answers HAProxy's agent-check: how much work this machine can take. It says so at once, and hangs up.
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

/** What HAProxy's agent-send says gets no answer. */
export default function ignore(): undefined {}
