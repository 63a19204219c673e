/**
 * Grants: on how many of a node's workers each front may have lines. Fronts with much to do share the
 * workers, and what one of them does not use goes to the others. Each front always has one worker, so a line
 * need not ask first, and waits for at most one batch of another front.
 */

/** A front that wants workers. */
export interface Claimant {
  /** The most batches that it had at once lately. */
  readonly peak: number;
  /** On so many workers it may have lines. */
  grant: number;
}

/** Divides so many workers among fronts. */
export function divide(workers: number, claimants: readonly Claimant[]): void {
  if (claimants.length === 1) {
    claimants[0].grant = workers;
    return;
  }
  // Those that want least come first; what they leave is divided among the rest.
  const byWant = claimants.toSorted((one, other) => want(one) - want(other));
  let left = workers;
  for (const [index, claimant] of byWant.entries()) {
    const share = Math.max(1, Math.floor(left / (byWant.length - index)));
    claimant.grant = Math.min(Math.max(1, want(claimant)), share);
    // One that wants nothing has a worker for its next line, and takes it from nobody.
    if (claimant.peak > 0) left = Math.max(0, left - claimant.grant);
  }
  // What is left of the division goes to the one that wants most.
  const last = byWant[byWant.length - 1];
  if (last.peak > 0) last.grant += left;
}

/** Twice what a front had: so one that has just begun gets everything in a few turns. */
function want({ peak }: Claimant): number {
  return 2 * peak;
}
