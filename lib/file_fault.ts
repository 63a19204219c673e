/**
 * Why a file is not read: no regular one, as a pipe that nobody writes or a device without an end, or
 * too large for its purpose.
 */

/** What a file that is to be read whole has against it; nothing, most of the time. */
export function fileFault(
  { isFile, isDirectory, size }: Deno.FileInfo,
  largest: number,
): string | undefined {
  if (isDirectory) return "it is a folder";
  if (!isFile) return "it is not a regular file";
  if (size > largest) return `it has more than ${largest / 2 ** 20} MiB`;
}
