/** Test tool: a real NATS server, and servers and worker machines of a service around it. */

import { until } from "../../scripts/tools/deadline.ts";
import { FaultServer } from "../../scripts/tools/fault_server.ts";
import { again } from "./again.ts";
import { HandlerFiles } from "./handler_files.ts";
import { freePort } from "./free_port.ts";
import { RealProgram, realTest } from "./real_program.ts";

/** What is said of NATS, a server or a worker machine that was silent. A busy machine makes them so, too. */
const SILENT =
  /it does not answer|no answer within 2 s|had not heard from this server for too long/;

/** Whether the logs of the test that runs have said so. */
let silent = false;

/**
 * A test that needs a NATS server. It is played again where something was silent that the test has not
 * stopped; what is wrong without that fails at once, and what makes them silent by itself fails each time.
 *
 * @param options `stops`: the test itself has something stand still, and is played once
 */
export function natsTest(
  name: string,
  fn: () => Promise<void>,
  { stops = false }: { stops?: boolean } = {},
): void {
  const play = () => {
    silent = false;
    return fn();
  };
  const when = ({ message }: Error) => !stops && (silent || SILENT.test(message));
  realTest(name, ["nats-server"], () => again(play, { tries: 3, when }));
}

/** A NATS server on a port of its own, which it keeps when it is started again. */
export class NatsServer implements AsyncDisposable {
  readonly port = freePort();
  readonly #args: readonly string[];
  readonly #files: Readonly<Record<string, string>>;
  #program: RealProgram | undefined;

  private constructor(args: readonly string[], files: Readonly<Record<string, string>>) {
    this.#args = args;
    this.#files = files;
  }

  /** Starts one; `config` is the text of its configuration. */
  static async start({ config = "" } = {}): Promise<NatsServer> {
    const server = new NatsServer(["-c", "nats.conf"], { "nats.conf": config });
    await server.up();
    return server;
  }

  /** Where it is. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it again. */
  async up(): Promise<void> {
    const args = ["-a", "127.0.0.1", "-p", String(this.port), ...this.#args];
    this.#program = await RealProgram.start("nats-server", { args, files: this.#files }, this.port);
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#program?.kill(signal);
  }

  /** Stops it until it gets SIGCONT: from then on it passes nothing on. */
  async freeze(): Promise<void> {
    await this.#program?.freeze();
  }

  /** Kills it: nothing that it has is sent any more. */
  async down(): Promise<void> {
    this.kill("SIGKILL");
    await this.#program?.[Symbol.asyncDispose]();
    this.#program = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGCONT");
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** Arguments of a server or a worker machine, beside those that name the service. */
export interface PartOptions {
  args?: string[];
  env?: Record<string, string>;
}

/** A service: a NATS server, with servers and worker machines as processes of their own. */
export class NatsService implements AsyncDisposable {
  readonly nats: NatsServer;
  readonly files: HandlerFiles;
  readonly #parts: FaultServer[] = [];
  readonly #url: string;

  private constructor(nats: NatsServer, files: HandlerFiles, url: string) {
    this.nats = nats;
    this.files = files;
    this.#url = url;
  }

  /** Starts the NATS server; `source` is the handler of worker machines that name no other. */
  static async start(
    { source = "", config = "", url = (plain: string) => plain } = {},
  ): Promise<NatsService> {
    const nats = await NatsServer.start({ config });
    const files = await HandlerFiles.write({ "handler.js": source });
    return new NatsService(nats, files, url(nats.url));
  }

  /** Starts a worker machine; it has one worker unless `args` say otherwise. */
  async node({ args = [], env }: PartOptions = {}): Promise<FaultServer> {
    const own = ["--workers", "1", "--handler", `${this.files.path}/handler.js`];
    const source = Deno.readTextFileSync(`${this.files.path}/handler.js`);
    const kept = own.filter((_, at) =>
      !args.includes(own[at - at % 2]) && (at < 2 || source !== "")
    );
    const words = ["work", "--nats", this.#url, "--log", "json", "--log-level", "debug"];
    const node = FaultServer.launch([...words, ...kept, ...args], { env });
    this.#parts.push(node);
    await node.event("working");
    return node;
  }

  /** Starts a server, which has a worker machine when it listens. */
  async front({ args = [], env }: PartOptions = {}): Promise<FaultServer> {
    const front = await FaultServer.start(["--nats", this.#url, ...args], { env });
    this.#parts.push(front);
    return front;
  }

  /** Starts a server that has no worker machine yet; resolves when it says that it waits for one. */
  async waitingFront(): Promise<FaultServer> {
    const args = ["--port", "0", "--log", "json", "--nats", this.#url];
    const front = FaultServer.launch(args);
    this.#parts.push(front);
    await front.event("node_awaited");
    return front;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts) part.kill("SIGKILL");
    await Promise.all(this.#parts.map(({ status }) => status));
    silent ||= this.#parts.some(({ lines }) => lines.some((line) => SILENT.test(line)));
    await this.nats[Symbol.asyncDispose]();
    await this.files[Symbol.asyncDispose]();
  }
}

/** Waits until a server has lost, or has, so many worker machines by its log. */
export async function nodesOf(front: FaultServer, count: number): Promise<void> {
  const times = (type: string) => front.log.filter((entry) => entry.type === type).length;
  await until(
    () => times("node_joined") - times("node_left") - times("node_lost") === count,
    `${count} worker machines`,
  );
}
