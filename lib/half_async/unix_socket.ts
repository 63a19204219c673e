/**
 * Wrapper Facade of a listening Unix socket: its file gets its name when it is ready for use, replaces that
 * of a dead server, and is removed only by its own server.
 */

import { dirname, join } from "node:path";

/** Longest path of a socket on Linux, in bytes; elsewhere it is a few less. */
const LONGEST_PATH = 107;

/** Milliseconds between two tries to lock the folder, and most tries. */
const LOCK_RETRY = 20;
const LOCK_TRIES = 100;

/** A listening socket with a path. */
export class UnixSocket {
  readonly addr: Deno.UnixAddr;
  readonly listener: Deno.UnixListener;
  readonly #file: Deno.FileInfo;

  private constructor(listener: Deno.UnixListener, path: string) {
    this.listener = listener;
    this.addr = { transport: "unix", path };
    this.#file = Deno.lstatSync(path);
  }

  /**
   * Listens.
   *
   * @param path Its path. The folder must be writable: the socket has another name there at first.
   * @param mode Its mode. @default {by umask}
   *
   * @throws {Deno.errors.AddrInUse} if there is a file, or a server that is alive
   */
  static async listen(path: string, mode?: number): Promise<UnixSocket> {
    const folder = dirname(path);
    const temporary = join(folder, `.${crypto.randomUUID().slice(0, 8)}`);
    const length = Math.max(...[path, temporary].map((it) => new TextEncoder().encode(it).length));
    if (length > LONGEST_PATH) throw new Error("the path is too long for a Unix socket");
    const lock = await lockFolder(folder);
    try {
      const listener = bind(temporary, mode);
      try {
        if (mode !== undefined) Deno.chmodSync(temporary, mode);
        if (!await isFree(path)) throw new Deno.errors.AddrInUse();
        // The rename is one step: no client finds the name without a working socket.
        Deno.renameSync(temporary, path);
        return new UnixSocket(listener, path);
      } catch (error) {
        listener.close();
        throw error;
      }
    } finally {
      lock?.close();
    }
  }

  /** Listens no more, and removes its file, unless another server has replaced it. */
  close(): void {
    const { path } = this.addr;
    try {
      const { dev, ino } = Deno.lstatSync(path);
      if (dev === this.#file.dev && ino === this.#file.ino) Deno.removeSync(path);
    } catch {
      // gone already
    }
    this.listener.close(); // Deno removes the name that it knows: the temporary one
  }
}

/** Listens. If the mode will change, nobody can use the socket before. */
function bind(path: string, mode: number | undefined): Deno.UnixListener {
  if (mode === undefined) return Deno.listen({ transport: "unix", path });
  const umask = Deno.umask(0o777);
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(umask);
  }
}

/** Whether a path is free: nothing is there, or the socket of a dead server. */
async function isFree(path: string): Promise<boolean> {
  try {
    if (!(await Deno.lstat(path)).isSocket) return false;
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused;
  }
}

/**
 * Lets one server at a time look at the sockets of a folder and replace one: of two servers that find the
 * same dead socket, the second must find the first server. The lock ends with the program. A folder that
 * cannot be locked, for example an unreadable one, is used without a lock.
 */
async function lockFolder(folder: string): Promise<Deno.FsFile | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(folder);
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (await file.tryLock(true)) return file;
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY));
    }
  } catch {
    // no lock here
  }
  file?.close();
}
