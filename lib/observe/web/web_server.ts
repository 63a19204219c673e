/**
 * The page's HTTP server: answers a few paths with what the newest snapshot says. It keeps nothing of a
 * client but its event stream.
 */

import { toPrometheus } from "../prometheus.ts";
import { PROMETHEUS_TYPE } from "../prometheus_text.ts";
import { isReady } from "../readiness.ts";
import type { Snapshot } from "../snapshot.ts";
import { after } from "../ticks.ts";
import { asset } from "./assets.ts";
import { EventStreams } from "./event_streams.ts";
import { Feed } from "./feed.ts";
import { HEADERS, isLoopback, refuse, text } from "./guard.ts";
import type { Audience, WebAddress } from "./protocol.ts";

/** Seconds without a snapshot until the event loop counts as blocked, and as lost. */
const BLOCKED_SECONDS = 3, LOST_SECONDS = 30;

/** Milliseconds that answers under way may take when the server ends. */
const LAST_ANSWERS = 500;

/** Said until there is something to show. */
const STARTING = "the server is starting";

/** Serves the page. Its constructor listens, or throws what Deno throws. */
export class WebServer {
  readonly address: WebAddress;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #feed = new Feed();
  readonly #streams: EventStreams;
  readonly #loopback: boolean;
  #snapshot: Snapshot | undefined;
  #takenAt = performance.now();

  constructor(address: WebAddress, onWatched: (by: Audience) => void) {
    this.#streams = new EventStreams(this.#feed, onWatched);
    this.#http = Deno.serve({
      ...address,
      onListen: () => {},
      onError: () => text(500, "the page failed to answer this"),
    }, (request) => this.#answer(request));
    const { hostname, port } = this.#http.addr;
    this.#loopback = isLoopback(hostname);
    this.address = { hostname, port };
  }

  /** Shows the server as it is now. */
  take(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#takenAt = performance.now();
    this.#feed.take(snapshot);
    this.#streams.send();
  }

  /** Ends the streams first, as the server would wait for them, and then the server. */
  async end(): Promise<void> {
    this.#streams.end();
    const late = Promise.withResolvers<void>();
    const callOff = after(LAST_ANSWERS, late.resolve);
    await Promise.race([this.#http.shutdown(), late.promise]);
    callOff();
  }

  #answer(request: Request): Response {
    const refusal = refuse(request, this.#loopback);
    const response = refusal ?? this.#route(request);
    if (request.method !== "HEAD") return response;
    void response.body?.cancel();
    return new Response(null, response);
  }

  #route(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/healthz":
        return this.#health();
      case "/readyz":
        return this.#readiness();
      case "/metrics":
        return this.#metrics();
      case "/events":
        if (request.method === "HEAD") return events(null);
        return this.#stream(searchParams.has("slow-motion"));
      default:
        return asset(pathname) ?? text(404, "there is no such page");
    }
  }

  /** Seconds since the event loop last gave a sign of life; of several processes, any of theirs. */
  get #silence(): number {
    const ages = (this.#snapshot?.processes ?? []).flatMap(({ ageSeconds }) => ageSeconds ?? []);
    const age = ages.length === 0 ? 0 : Math.min(...ages);
    return age + (performance.now() - this.#takenAt) / 1000;
  }

  #health(): Response {
    return this.#silence > LOST_SECONDS ? this.#blocked() : text(200, "ok");
  }

  #blocked(): Response {
    const seconds = Math.round(this.#silence);
    return text(503, `the event loop has been blocked for ${seconds} s`);
  }

  #readiness(): Response {
    const snapshot = this.#snapshot;
    if (snapshot === undefined || snapshot.state === "starting") return text(503, STARTING);
    if (snapshot.state === "stopping") return text(503, "the server is stopping");
    if (this.#silence > BLOCKED_SECONDS) return this.#blocked();
    if (isReady(snapshot)) return text(200, "ready");
    return text(503, `no ${snapshot.processes === undefined ? "worker" : "process"} is ready`);
  }

  #metrics(): Response {
    if (this.#snapshot === undefined) return text(503, STARTING);
    const body = toPrometheus(this.#snapshot, Date.now());
    return new Response(body, { headers: { ...HEADERS, "content-type": PROMETHEUS_TYPE } });
  }

  #stream(slowMotion: boolean): Response {
    const stream = this.#streams.open(slowMotion);
    if (stream !== undefined) return events(stream);
    return text(503, "too many pages are open", { "retry-after": "5" });
  }
}

function events(stream: ReadableStream<Uint8Array<ArrayBuffer>> | null): Response {
  return new Response(stream, {
    headers: { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" },
  });
}
