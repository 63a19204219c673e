/**
 * The loads of the comparison: how many clients, how many lines each keeps under way, how long the
 * lines are, and the job that a worker runs for each.
 */

/** What a worker does with a line: gives it back, or hashes it 200 times over. */
export type Job = "echo" | "cpu";

/** One load. */
export interface Mode {
  id: string;
  /** What it is, for a heading. */
  title: string;
  job: Job;
  connections: number;
  /** Lines that each connection keeps under way. */
  window: number;
  /** Length of a line in bytes, its end not counted. */
  size: number;
}

/** All loads, in the order of the tables. */
export const MODES: readonly Mode[] = [
  {
    id: "pp1",
    title: "1 client that waits for each reply, 32 B",
    job: "echo",
    connections: 1,
    window: 1,
    size: 32,
  },
  {
    id: "pp64",
    title: "64 clients that wait for each reply, 32 B",
    job: "echo",
    connections: 64,
    window: 1,
    size: 32,
  },
  {
    id: "w64x16",
    title: "16 clients × 64 lines under way, 32 B",
    job: "echo",
    connections: 16,
    window: 64,
    size: 32,
  },
  {
    id: "w512x4",
    title: "4 clients × 512 lines under way, 32 B",
    job: "echo",
    connections: 4,
    window: 512,
    size: 32,
  },
  {
    id: "w64x16-1k",
    title: "16 clients × 64 lines under way, 1 KiB",
    job: "echo",
    connections: 16,
    window: 64,
    size: 1024,
  },
  {
    id: "cpu",
    title: "SHA-256 × 200 per line, 8 clients × 16 under way",
    job: "cpu",
    connections: 8,
    window: 16,
    size: 32,
  },
];
