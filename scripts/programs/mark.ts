/** A mark in the command line of each program of the comparison: it finds those that lost their parent. */

/** A comment, for awk. */
export const MARK = "# a program of scripts/programs.ts";
