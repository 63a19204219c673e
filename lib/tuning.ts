/**
 * Constants that scripts/measure tries other values of. It starts the server with another module in the
 * place of this one, by an import map; a server that serves has always the values that stand in its code.
 */

/** The value of a constant. @param _name What scripts/measure calls it. */
export function tuned(_name: string, value: number): number {
  return value;
}
