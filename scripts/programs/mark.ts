/** What the command line of each program of the comparison has in it, to find those that lost their parent. */

/** A comment, for awk. */
export const MARK = "# a program of scripts/programs.ts";
