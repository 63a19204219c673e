/** Test tool: Debian's Prometheus, which scrapes one port of this machine five times a second. */

import { STEP } from "../../scripts/tools/deadline.ts";
import { freePort } from "./free_port.ts";

/** A Prometheus, in a folder that goes with it. */
export class RealPrometheus implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #port: number;

  private constructor(child: Deno.ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts it. */
  static async start(scraped: number): Promise<RealPrometheus> {
    const folder = await Deno.makeTempDir({ prefix: "hsha-prometheus-" });
    const config =
      `scrape_configs:\n- job_name: hsha\n  scrape_interval: 200ms\n  static_configs:\n` +
      `  - targets: ['127.0.0.1:${scraped}']\n`;
    await Deno.writeTextFile(`${folder}/prometheus.yml`, config);
    const port = freePort();
    const child = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new RealPrometheus(child, folder, port);
  }

  /** The first value of a query; `undefined` where there is none yet. */
  async #query(text: string): Promise<number | undefined> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/query?query=${encodeURIComponent(text)}`;
    const answer = await fetch(url).then((it) => it.json()).catch(() => undefined);
    const value = answer?.data?.result?.[0]?.value?.[1];
    return value === undefined ? undefined : Number(value);
  }

  /** Asks again and again, until the value is the wanted one. */
  async waitFor(text: string, wanted: number): Promise<void> {
    await this.value(text, wanted);
  }

  /** Asks until there is a value, or the wanted one: where a scrape came late, there is none for a while. */
  async value(text: string, wanted?: number): Promise<number> {
    let value: number | undefined;
    for (let tries = 0; tries < STEP / 100; tries++) {
      value = await this.#query(text);
      if (value !== undefined && value === (wanted ?? value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${text} is ${value}, not ${wanted ?? "a number"}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
