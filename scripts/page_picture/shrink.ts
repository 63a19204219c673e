/** Makes a PNG file smaller, where Debian's `pngquant` is installed: a page has few colours. */

/** Replaces a file by a smaller one. */
export async function shrink(file: string): Promise<void> {
  const args = ["--force", "--skip-if-larger", "--speed", "1", "--output", file, "256", file];
  try {
    await new Deno.Command("pngquant", { args }).output();
  } catch {
    console.error(`${file} stays as it is: there is no pngquant`);
  }
}
