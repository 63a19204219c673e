/**
 * Why a file is not read: it is a pipe without a writer or an endless device, not a regular file; or it is
 * too large for its purpose.
 */

/** Why this file cannot be read whole; `undefined` if it can. */
export function fileFault(
  { isFile, isDirectory, size }: Deno.FileInfo,
  largest: number,
): string | undefined {
  if (isDirectory) return "it is a folder";
  if (!isFile) return "it is not a regular file";
  if (size > largest) return `it has more than ${largest / 2 ** 20} MiB`;
}
