/**
 * The reactor's side of the live page: starts the worker that serves it, gives it snapshots, and ends it.
 * Each snapshot costs one message.
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { NO_PERMISSIONS } from "../no_permissions.ts";
import { messageOf } from "../reason.ts";
import type { Screen, ScreenListener } from "./screen.ts";
import type { Snapshot } from "./snapshot.ts";
import { after } from "./ticks.ts";
import type { WebAddress, WebCommand, WebReport } from "./web/protocol.ts";

/** Seconds in which the worker must listen, or the start fails. */
const START_SECONDS = 30;

/** Milliseconds in which the worker must end, or it is ended by force. */
const END_DEADLINE = 2_000;

/** How the page is served. */
export interface WebHostOptions extends Partial<ScreenListener> {
  /** Seconds in which its worker must listen. @default {30} */
  bootTimeout?: number;
}

/** A page that is being served. */
export class WebHost implements Screen, AsyncDisposable {
  readonly #worker: Worker;
  readonly #listener: Partial<ScreenListener>;
  #address: WebAddress | undefined;
  /** Called with what the worker says at its start and its end. */
  #heard: (report: WebReport | { type: "died"; reason: string }) => void = () => {};
  #ended: Promise<void> | undefined;
  /** Whether the worker has been given a snapshot that it has not taken yet. */
  #given = false;
  /** The newest snapshot, until the worker is given it. */
  #newest: Snapshot | undefined;

  private constructor(address: WebAddress, listener: Partial<ScreenListener>) {
    this.#listener = listener;
    // Apart from the call: inside it, deno pack leaves the name as it is, and the package has only a .js file.
    const program = import.meta.resolve("./web/web_worker.ts");
    this.#worker = new Worker(withoutLinks(program), {
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
   * Serves a page.
   *
   * @param address Where; port 0 takes a free one.
   * @param options How long the start may take, and what to call later.
   * @throws {Error} in one sentence, if the page cannot be served there
   */
  static async start(address: WebAddress, options: WebHostOptions = {}): Promise<WebHost> {
    const { bootTimeout = START_SECONDS } = options;
    const host = new WebHost(address, options);
    try {
      host.#address = await host.#listen(address, bootTimeout * 1000);
      return host;
    } catch (error) {
      host.#worker.terminate();
      const why = messageOf(error);
      throw new Error(`cannot serve the page on ${authority(address)}: ${why}`, { cause: error });
    }
  }

  /** The page's address for a browser. */
  get url(): string {
    const { hostname, port } = this.address;
    const shown = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname;
    return `http://${authority({ hostname: shown, port })}/`;
  }

  /** The page's address, in the form of `Server.addr`. */
  get addr(): Deno.NetAddr {
    return { transport: "tcp", ...this.address };
  }

  /** Where the page is served, with the port in use. */
  get address(): WebAddress {
    return this.#address!; // set before `start` returns
  }

  /**
   * Shows the server as it is now. The worker gets the newest snapshot when it has taken the one before:
   * while it is busy, snapshots do not pile up.
   */
  post(snapshot: Snapshot): void {
    if (this.#ended !== undefined) return;
    this.#newest = snapshot;
    if (!this.#given) this.#give();
  }

  /** Shows the last snapshot, ends the streams of open pages, and then the worker. */
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

  /** Gives a command and waits for a report of one of the types; `undefined` if none comes in time. */
  #hear(types: readonly string[], millis: number, command?: WebCommand) {
    return new Promise<WebReport | { type: "died"; reason: string } | undefined>((resolve) => {
      const callOff = after(millis, () => resolve(undefined));
      this.#heard = (report) => {
        if (!types.includes(report.type)) return;
        callOff();
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
