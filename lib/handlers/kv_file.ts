/**
 * Notices when the files of `kv` are no longer those that it opened. SQLite would go on with a file that was
 * removed or replaced, and nobody would find again what it stores there.
 *
 * The new file is not opened instead. While any worker has the old one open, the `-wal` and `-shm` files
 * belong to the old one, and SQLite would write their pages into the new one
 * (https://www.sqlite.org/howtocorrupt.html, section 2.4).
 */

/** Milliseconds until a read looks again; every write looks. Measured: a look takes 5 µs for each file. */
const NOW_AND_THEN = 1000;

/** Watches the files of one database. */
export class FileWatch {
  /** The files that the handler may read, each with its identity when it was opened. */
  readonly #seen: ReadonlyMap<string, string | undefined>;
  #lookedAt = -Infinity;

  /** @param file The database, already open and in WAL mode */
  constructor(file: string) {
    // A grant for the file alone does not cover the two beside it.
    const visible = [file, `${file}-wal`, `${file}-shm`].filter(isVisible);
    this.#seen = new Map(visible.map((path) => [path, identityOf(path)]));
  }

  /** @throws {Error} if a file is not the one that was opened */
  check(): void {
    this.#lookedAt = performance.now();
    for (const [path, identity] of this.#seen) {
      if (identityOf(path) === identity) continue;
      throw new Error(
        "its files were removed or replaced while the server ran; nothing was changed; " +
          "restart the server",
      );
    }
  }

  /** As {@linkcode check}, at most once a second. */
  checkNowAndThen(): void {
    if (performance.now() - this.#lookedAt >= NOW_AND_THEN) this.check();
  }
}

function isVisible(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** Device and inode of the file at a path; `undefined` where there is none. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev} ${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
