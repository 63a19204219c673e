/** Test tool: handler modules on disk, in a folder that goes with the test. */

/** Files by their name and content; values that are functions become a module's default export. */
export type Sources = Readonly<Record<string, string | ((line: string) => unknown)>>;

/** What the source of a handler needs to wait for a file. */
export const WAIT_FOR_FILE = `
const isThere = (file) => { try { Deno.statSync(file); return true; } catch { return false; } };
const waitFor = (file) => {
  while (!isThere(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
};`;

/** A folder of modules. */
export class HandlerFiles implements AsyncDisposable {
  /** The folder. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Writes the files. */
  static async write(sources: Sources): Promise<HandlerFiles> {
    const path = await Deno.makeTempDir({ prefix: "hsha-test-" });
    for (const [name, source] of Object.entries(sources)) {
      const text = typeof source === "string" ? source : `export default ${source};\n`;
      await Deno.writeTextFile(`${path}/${name}`, text);
    }
    return new HandlerFiles(path);
  }

  /** The path of one file. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The address of one file's module. */
  url(name: string): URL {
    return new URL(`file://${this.path}/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** The module of one handler, given as JavaScript source, without a file. */
export function inlineHandler(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
