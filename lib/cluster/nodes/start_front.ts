/** The start of a front: the connection to its bus, and the wait for the first node. */

import type { EventListener } from "../../observe/events.ts";
import type { Settings } from "../../option_check.ts";
import { PROCESS_ID } from "../../process_id.ts";
import { connectBus } from "./connect_bus.ts";
import { Front } from "./front.ts";
import type { Hello } from "./protocol.ts";
import type { ReplyForm } from "./remote_batch.ts";

/** Milliseconds after which the log says that there is no node yet. */
const SOON = 1000;

/** What a front is started with. */
export interface FrontStart {
  settings: Settings;
  /** What the service has settled. */
  form: () => ReplyForm;
  suits: (hello: Hello) => string | undefined;
  onEvent: EventListener;
}

/**
 * Connects to the bus, if the options name one.
 *
 * @throws {Error} if that fails, in one sentence
 */
export async function startFront(start: FrontStart): Promise<Front | undefined> {
  const { settings, ...rest } = start;
  const { service, workers } = settings;
  const bus = await connectBus(settings, `hsha serve ${service}`);
  if (bus === undefined) return undefined;
  return new Front({ ...rest, bus, service, process: PROCESS_ID, alone: workers === 0 });
}

/** Waits until there is a node, so that its handler is known, or until the signal aborts. */
export async function firstNode(
  front: Front,
  { service, signal }: Settings,
  onEvent: EventListener,
): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => stopped.resolve());
  if (signal?.aborted) stopped.resolve();
  const timer = setTimeout(() => onEvent({ type: "node_awaited", service }), SOON);
  await Promise.race([front.known, stopped.promise]);
  clearTimeout(timer);
}
