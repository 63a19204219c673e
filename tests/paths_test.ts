/** The project's tests and scripts work in any folder: its path may hold a space or a percent sign. */

import { pathToFileURL } from "node:url";
import { assertEquals, assertRejects } from "@std/assert";
import { format } from "../scripts/format.ts";

/** A folder with such a path, which is removed at the end of the scope. */
class OddFolder implements Disposable {
  readonly path: string = `${Deno.makeTempDirSync({ prefix: "hsha-" })}/re 100% v%20`;
  readonly url: URL = pathToFileURL(`${this.path}/`);

  /** Copies a file of the project to the same place in it. */
  async copy(file: string): Promise<void> {
    await this.write(file, await Deno.readTextFile(new URL(`../${file}`, import.meta.url)));
  }

  /** Copies a file of the project to the same place in it, and imports it from there. */
  async import(file: string): Promise<Record<string, unknown>> {
    await this.copy(file);
    return await import(new URL(file, this.url).href);
  }

  /** Writes a file in it. */
  async write(file: string, text: string): Promise<void> {
    const url = new URL(file, this.url);
    await Deno.mkdir(new URL(".", url), { recursive: true });
    await Deno.writeTextFile(url, text);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(new URL("..", this.url), { recursive: true });
  }
}

Deno.test("tests find the program in a folder whose path holds a space and a percent sign", async () => {
  using folder = new OddFolder();
  await folder.copy("scripts/tools/deadline.ts");
  const { ROOT } = await folder.import("scripts/tools/process.ts");
  assertEquals(ROOT, `${folder.path}/`);
});

Deno.test("startStep finds its program in such a folder", async () => {
  using folder = new OddFolder();
  await folder.write("docs/howto/step.ts", 'console.log("listening on 127.0.0.1:1");');
  for (const name of ["deadline", "process", "usage", "server_process"]) {
    await folder.copy(`scripts/tools/${name}.ts`);
  }
  for (const name of ["pages", "measured"]) await folder.copy(`scripts/howto/${name}.ts`);
  const { startStep } = await folder.import("scripts/howto/step_process.ts") as {
    startStep: typeof import("../scripts/howto/step_process.ts").startStep;
  };
  await using step = await startStep("step.ts");
  assertEquals(step.port, 1);
});

Deno.test("format formats files in such a folder, and says why when it cannot", async () => {
  using folder = new OddFolder();
  await folder.write("page.md", "| a | b |\n|---|---|\n| long | c |\n");
  await format([folder.url]);
  assertEquals(
    await Deno.readTextFile(new URL("page.md", folder.url)),
    "| a    | b |\n| ---- | - |\n| long | c |\n",
  );
  await folder.write("broken.ts", "const = ;");
  await assertRejects(() => format([folder.url]), Error, "deno fmt failed: ");
});
