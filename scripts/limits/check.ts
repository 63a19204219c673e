/** A check of one promise: it treats a server badly, and finds figures, each with its bound. */

/** One figure. */
export interface Finding {
  what: string;
  value: number;
  unit: string;
  /** The promise: a figure above is a failure. */
  atMost?: number;
  /** The promise: a figure below is a failure. */
  atLeast?: number;
}

/** One promise to be checked. */
export interface Check {
  /** What it is called on the command line. */
  name: string;
  /** What is done to the server, in a few words. */
  title: string;
  run(): Promise<Finding[]>;
}

/** Whether the figure is within its bound. */
export function holds({ value, atMost = Infinity, atLeast = -Infinity }: Finding): boolean {
  return value <= atMost && value >= atLeast;
}

/** The figure in words. */
export function describe(finding: Finding): string {
  const { what, value, unit, atMost, atLeast } = finding;
  const bounds = [
    atLeast === undefined ? "" : `at least ${atLeast}`,
    atMost === undefined ? "" : `at most ${atMost}`,
  ].filter((bound) => bound !== "").join(" and ");
  const figure = Number.isInteger(value) ? value : value.toFixed(1);
  return `${what}: ${figure} ${unit}${bounds === "" ? "" : ` (${bounds})`}`;
}

/** Fails with every figure out of its bound; times are for the script, on a quiet machine. */
export function assertHolds(findings: readonly Finding[]): void {
  const broken = findings.filter((finding) => finding.unit !== "ms" && !holds(finding));
  if (broken.length > 0) throw new Error(broken.map(describe).join("\n"));
}
