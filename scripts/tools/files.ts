/** Test tool: paths of the misbehaving handlers, and a folder that goes with its test. */

import { ROOT } from "./process.ts";

/**
 * The path of a misbehaving handler in scripts/tools/handlers, `.ts` unless the name says `.js`: `deno test`
 * checks the types of each `.ts` file that a worker loads, which takes seconds.
 */
export function handlerFile(name: string): string {
  return `${ROOT}scripts/tools/handlers/${name}${name.endsWith(".js") ? "" : ".ts"}`;
}

/** A folder that is removed at the end of the scope. */
export class TemporaryFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "hsha-fault-" });

  /** The path of a file in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Names of what is in it. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
