/**
 * Descriptors kept in reserve for workers. Clients may take all that the system gives, and Deno ends the
 * whole process if it starts a worker without one (2.9.6 panics on `Too many open files`).
 */

/**
 * Descriptors that a worker may need while it starts: it takes 8, and keeps 6. With fewer in reserve, a start
 * may end the process.
 */
const NEEDED = 16;

/** Descriptors that a server must have for clients: with fewer it would listen, and serve nobody. */
const FOR_CLIENTS = 8;

/** Opened to keep a descriptor, or to see whether one is free. */
const NOTHING = "/dev/null";

/** A reserve for one worker at a time. */
export class DescriptorReserve {
  readonly #files: Deno.FsFile[] = [];
  readonly #usable = Deno.build.os !== "windows" &&
    Deno.permissions.querySync({ name: "read", path: NOTHING }).state === "granted";
  /** What starts with it. */
  #borrower: object | undefined;

  constructor() {
    this.#fill();
  }

  /** Whether a worker starts with it. */
  get lent(): boolean {
    return this.#borrower !== undefined;
  }

  /** Whether it is in use, or not full: what becomes free belongs to it, not to clients. */
  get wanting(): boolean {
    if (!this.lent) this.#fill();
    return this.#usable && this.#files.length < NEEDED;
  }

  /** Makes sure that a worker can start, and lends it the reserve if need be. @returns whether it can */
  lend(borrower: object): boolean {
    if (!this.#usable || canOpen(NEEDED)) return true;
    if (this.lent) return false;
    this.#borrower = borrower;
    this.close();
    if (canOpen(NEEDED)) return true;
    this.giveBack(borrower);
    return false;
  }

  /** Whether some descriptors are left for clients beside the reserve. */
  get leavesSome(): boolean {
    return !this.wanting && (!this.#usable || canOpen(FOR_CLIENTS));
  }

  /** A worker has started, or will not start; perhaps the reserve was lent to it. */
  giveBack(borrower: object): void {
    if (this.#borrower !== borrower) return;
    this.#borrower = undefined;
    this.#fill();
  }

  /** Lets go of it for good. */
  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }

  #fill(): void {
    if (this.#usable) open(this.#files, NEEDED);
  }
}

/** Whether so many descriptors are left. */
function canOpen(count: number): boolean {
  const files: Deno.FsFile[] = [];
  open(files, count);
  for (const file of files) file.close();
  return files.length === count;
}

/** Opens files until there are so many, or the system gives no more. */
function open(files: Deno.FsFile[], count: number): void {
  try {
    while (files.length < count) files.push(Deno.openSync(NOTHING));
  } catch {
    // there are no more
  }
}
