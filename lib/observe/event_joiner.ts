/**
 * A filter in front of a listener: it joins events of one kind that come close together. The first passes at
 * once; those of the next second pass as one, with their number. So neither clients nor handlers can flood
 * the log.
 */

import type { EventListener, ServerEvent } from "./events.ts";

/** Events that clients or handlers can cause as often as they like. */
type Repeatable = Extract<ServerEvent, { times?: number }>;

/** Milliseconds between two events of one kind. If less, a flood fills the log; if more, news is late. */
const INTERVAL = 1000;

/**
 * Most kinds of one type that are kept apart; all further kinds are joined into one. Without a limit, a
 * handler could flood the log by making up kinds.
 */
const MAX_KINDS = 8;

/** The kind of an event among those of its type. It never depends on what a client can choose. */
function kindOf(event: Repeatable): string {
  switch (event.type) {
    case "connection_refused":
      return event.option;
    case "connection_unpinned":
    case "connection_timed_out":
    case "worker_replaced":
    case "worker_renewed":
      return event.reason;
    case "jobs_failed":
    case "handler_strayed":
    case "handler_threw":
      return `${event.kind} ${event.place}`;
    case "context_used_late":
      return `${event.use} ${event.place}`;
    case "log_lines_lost":
      return event.file ?? "";
    default:
      return "";
  }
}

/** One kind of event, in the second after one was passed on. */
interface Window {
  type: ServerEvent["type"];
  timer: ReturnType<typeof setTimeout>;
  /** The events that have come since, joined. */
  joined?: Repeatable;
}

/** Joins events on their way to a listener. */
export class EventJoiner {
  readonly #listener: EventListener;
  readonly #windows = new Map<string, Window>();

  constructor(listener: EventListener) {
    this.#listener = listener;
  }

  /** Takes an event. */
  take(event: ServerEvent): void {
    if (event.type === "stopped") this.flush(); // the log's last line
    if (!isRepeatable(event)) return this.#listener(event);
    const key = this.#keyOf(event);
    const window = this.#windows.get(key);
    if (window === undefined) {
      this.#windows.set(key, { type: event.type, timer: this.#expireLater(key) });
      this.#listener(event);
    } else {
      window.joined = window.joined === undefined ? event : join(window.joined, event);
    }
  }

  /** Passes on all that waits. */
  flush(): void {
    const windows = [...this.#windows.values()];
    this.#windows.clear();
    for (const { timer, joined } of windows) {
      clearTimeout(timer);
      if (joined !== undefined) this.#listener(joined);
    }
  }

  #keyOf(event: Repeatable): string {
    const key = `${event.type} ${kindOf(event)}`;
    if (this.#windows.has(key)) return key;
    let kinds = 0;
    for (const { type } of this.#windows.values()) if (type === event.type) kinds++;
    return kinds < MAX_KINDS ? key : event.type;
  }

  #expireLater(key: string): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#expire(key), INTERVAL);
    Deno.unrefTimer(timer); // it must not keep a program alive
    return timer;
  }

  #expire(key: string): void {
    const { joined, type } = this.#windows.get(key)!;
    if (joined === undefined) return void this.#windows.delete(key);
    this.#windows.set(key, { type, timer: this.#expireLater(key) });
    this.#listener(joined);
  }
}

const REPEATABLE: Record<Repeatable["type"], true> = {
  accept_failed: true,
  connection_aborted: true,
  connection_refused: true,
  connection_lost: true,
  connection_unpinned: true,
  proxy_header_refused: true,
  connection_timed_out: true,
  line_too_long: true,
  lines_failed: true,
  jobs_failed: true,
  handler_threw: true,
  handler_strayed: true,
  context_used_late: true,
  program_replaced: true,
  worker_replaced: true,
  worker_renewed: true,
  log_lines_lost: true,
};

function isRepeatable(event: ServerEvent): event is Repeatable {
  return Object.hasOwn(REPEATABLE, event.type);
}

/** Two events of one type as one: the details of the second, the numbers of both added. */
function join(first: Repeatable, second: Repeatable): Repeatable {
  const joined = { ...first, ...second, times: (first.times ?? 1) + (second.times ?? 1) };
  if ("unanswered" in first && "unanswered" in joined) joined.unanswered += first.unanswered;
  return joined as Repeatable; // sound: both are of one type
}
