/**
 * The reactor's side of the page: starts the worker that serves it, gives it snapshots, and ends it. A
 * snapshot costs one message.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { NO_PERMISSIONS } from "../no_permissions.ts";
import type { Screen, ScreenListener } from "./screen.ts";
import type { Snapshot } from "./snapshot.ts";
import type { WebAddress, WebCommand, WebReport } from "./web/protocol.ts";

/** Seconds until the worker must listen; later, the start fails. */
const START_SECONDS = 30;

/** Milliseconds until it must have ended; then it is ended by force. */
const END_DEADLINE = 2_000;

/** How the page is served. */
export interface WebHostOptions extends Partial<ScreenListener> {
  /** Seconds until its worker must listen. @default {30} */
  bootTimeout?: number;
}

/** The page, served. */
export class WebHost implements Screen, AsyncDisposable {
  readonly #worker: Worker;
  readonly #listener: Partial<ScreenListener>;
  #address: WebAddress | undefined;
  /** Told what the worker says at its start and its end. */
  #heard: (report: WebReport | { type: "died"; reason: string }) => void = () => {};
  #ended: Promise<void> | undefined;
  /** Whether the worker has a snapshot that it has not taken yet; and the newest one that waits. */
  #given = false;
  #newest: Snapshot | undefined;

  private constructor(address: WebAddress, listener: Partial<ScreenListener>) {
    this.#listener = listener;
    this.#worker = new Worker(withoutLinks(import.meta.resolve("./web/web_worker.ts")), {
      type: "module",
      name: "hsha web",
      deno: { permissions: { ...NO_PERMISSIONS, net: [authority(address)] } },
    });
    this.#worker.onmessage = ({ data }: MessageEvent<WebReport>) => {
      if (data.type === "watched") this.#listener.watched?.(data.by);
      else if (data.type === "taken") this.#taken();
      else this.#heard(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const reason = event.message.split("\n")[0];
      this.#heard({ type: "died", reason });
      if (this.#address !== undefined && this.#ended === undefined) this.#listener.died?.(reason);
      this.#worker.terminate();
    };
  }

  /**
   * Serves the page.
   *
   * @param address Where; port 0 takes a free one.
   * @param options How long that may take, and what hears of its end.
   * @throws {Error} in one sentence, if it cannot be served there
   */
  static async start(address: WebAddress, options: WebHostOptions = {}): Promise<WebHost> {
    const { bootTimeout = START_SECONDS } = options;
    const host = new WebHost(address, options);
    try {
      host.#address = await host.#listen(address, bootTimeout * 1000);
      return host;
    } catch (error) {
      host.#worker.terminate();
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot serve the page on ${authority(address)}: ${why}`, { cause: error });
    }
  }

  /** Where the page is, for a browser. */
  get url(): string {
    const { hostname, port } = this.address;
    const shown = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname;
    return `http://${authority({ hostname: shown, port })}/`;
  }

  /** The page's address, in the form of a server's. */
  get addr(): Deno.NetAddr {
    return { transport: "tcp", ...this.address };
  }

  /** Where it is served, with the port in use. */
  get address(): WebAddress {
    return this.#address!; // set before anybody has the host
  }

  /**
   * Shows the server as it is now. The worker gets the next snapshot only when it has taken the last one, and
   * then the newest: on a page under heavy load they do not pile up.
   */
  post(snapshot: Snapshot): void {
    if (this.#ended !== undefined) return;
    this.#newest = snapshot;
    if (!this.#given) this.#give();
  }

  /** Ends the streams of open pages with a last word, and then the worker. */
  end(): Promise<void> {
    return this.#ended ??= (async () => {
      this.#give();
      await this.#hear(["ended", "died"], END_DEADLINE, { type: "end" });
      this.#worker.terminate();
    })();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async #listen(address: WebAddress, millis: number): Promise<WebAddress> {
    const start = performance.now();
    let report = await this.#hear(["loaded", "died"], millis);
    if (report?.type === "loaded") {
      const left = millis - (performance.now() - start);
      report = await this.#hear(["listening", "failed", "died"], left, { type: "listen", address });
    }
    if (report?.type === "listening") return report.address;
    throw new Error(
      report !== undefined && "reason" in report ? report.reason : "its worker did not start",
    );
  }

  /** Says something and waits for one of some reports; `undefined` if none comes in time. */
  #hear(types: readonly string[], millis: number, command?: WebCommand) {
    return new Promise<WebReport | { type: "died"; reason: string } | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), millis);
      this.#heard = (report) => {
        if (!types.includes(report.type)) return;
        clearTimeout(timer);
        resolve(report);
      };
      if (command !== undefined) this.#tell(command);
    });
  }

  #taken(): void {
    this.#given = false;
    this.#give();
  }

  #give(): void {
    const snapshot = this.#newest;
    if (snapshot === undefined) return;
    this.#newest = undefined;
    this.#given = true;
    this.#tell({ type: "snapshot", snapshot });
  }

  #tell(command: WebCommand): void {
    this.#worker.postMessage(command);
  }
}

/**
 * The address of a module with every symbolic link in its path followed: Deno asks whether a worker may read
 * a link when it imports a text by way of it, and this worker may read nothing.
 */
function withoutLinks(module: string): string {
  try {
    return module.startsWith("file:")
      ? pathToFileURL(Deno.realPathSync(fileURLToPath(module))).href
      : module;
  } catch {
    return module; // loading it will tell what is wrong
  }
}

/** An address as `HOST:PORT`. */
function authority({ hostname, port }: WebAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
