/**
 * The reserve of descriptors for workers. Clients may take all that the system gives, and Deno ends the whole
 * process if none is left when a worker starts (2.9.6 panics with `Too many open files`).
 */

/**
 * Descriptors in reserve. A worker takes 8 while it starts, and keeps 6; if it finds too few, the process
 * ends.
 */
const NEEDED = 16;

/** Descriptors that must be left for clients: with fewer, the server would listen and serve nobody. */
const FOR_CLIENTS = 8;

/** The file that is opened to keep a descriptor, or to see whether one is free. */
const NOTHING = "/dev/null";

/** A reserve for one worker at a time. */
export class DescriptorReserve {
  readonly #files: Deno.FsFile[] = [];
  readonly #usable = Deno.build.os !== "windows" &&
    Deno.permissions.querySync({ name: "read", path: NOTHING }).state === "granted";
  /** What it is lent to. */
  #borrower: object | undefined;

  constructor() {
    this.#fill();
  }

  /** Whether a worker is starting with it. */
  get lent(): boolean {
    return this.#borrower !== undefined;
  }

  /** Whether it is lent or not full: then descriptors that become free are for it, not for clients. */
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

  /** Whether the reserve is full, and enough descriptors are left for clients. */
  get leavesSome(): boolean {
    return !this.wanting && (!this.#usable || canOpen(FOR_CLIENTS));
  }

  /** A worker has started, or will not start: takes the reserve back, if it was lent to that one. */
  giveBack(borrower: object): void {
    if (this.#borrower !== borrower) return;
    this.#borrower = undefined;
    this.#fill();
  }

  /** Gives the descriptors back to the system. */
  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }

  #fill(): void {
    if (this.#usable) open(this.#files, NEEDED);
  }
}

/** Whether that many descriptors are free. */
function canOpen(count: number): boolean {
  const files: Deno.FsFile[] = [];
  open(files, count);
  for (const file of files) file.close();
  return files.length === count;
}

/** Opens files until there are `count`, or the system gives no more. */
function open(files: Deno.FsFile[], count: number): void {
  try {
    while (files.length < count) files.push(Deno.openSync(NOTHING));
  } catch {
    // no descriptor is left
  }
}
