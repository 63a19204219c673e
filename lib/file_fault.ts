/**
 * Whether a file can be read whole. Reading a pipe without a writer, or a device without an end, would never
 * return; a file may also be too large for its purpose.
 */

/** Why this file cannot be read whole; `undefined` if it can. @param largest Most bytes. */
export function fileFault(
  { isFile, isDirectory, size }: Deno.FileInfo,
  largest: number,
): string | undefined {
  if (isDirectory) return "it is a folder";
  if (!isFile) return "it is not a regular file";
  if (size > largest) return `it has more than ${largest / 2 ** 20} MiB`;
}
