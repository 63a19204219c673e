/**
 * Grants: on how many of a node's workers each front may have lines. Fronts that have much to do share the
 * workers; what one of them does not use is the others'. One worker each front always has: so a line need
 * not ask first, and waits at the most for one batch of another front.
 */

/** What is divided, and what is known of each who wants a part. */
export interface Claimant {
  /** The most batches that it had at once lately. */
  readonly peak: number;
  /** On so many workers it may have lines. */
  grant: number;
}

/** Divides so many workers. */
export function divide(workers: number, claimants: readonly Claimant[]): void {
  if (claimants.length === 1) {
    claimants[0].grant = workers;
    return;
  }
  // Those who want least first: what they leave is divided among the rest.
  const byWant = claimants.toSorted((one, other) => want(one) - want(other));
  let left = workers;
  for (const [index, claimant] of byWant.entries()) {
    const share = Math.max(1, Math.floor(left / (byWant.length - index)));
    claimant.grant = Math.min(Math.max(1, want(claimant)), share);
    // One that wants nothing has its worker for the first line, and that is nobody's loss.
    if (claimant.peak > 0) left = Math.max(0, left - claimant.grant);
  }
  // What is left of the division goes to the one that wants most.
  const last = byWant[byWant.length - 1];
  if (last.peak > 0) last.grant += left;
}

/** It may want twice of what it had: so one that has just begun has all in a few turns. */
function want({ peak }: Claimant): number {
  return 2 * peak;
}
