/**
 * The variables of the environment that stand in for options: what each is called, how it is read, and which
 * names of that form belong to no option.
 */

/** How all their names begin. */
const PREFIX = "HSHA_";

/** Names that belong to no option, and are known: the file of the handler `kv`. */
const OTHERS: ReadonlySet<string> = new Set(["HSHA_KV_FILE"]);

/**
 * What Kubernetes sets in each container for a service by the name of `hsha`, as HSHA_SERVICE_HOST and
 * HSHA_PORT_7007_TCP.
 */
const OF_KUBERNETES = /^HSHA_(SERVICE|PORT)_/;

/** The variable of an option, by its flag: `HSHA_MAX_LINE` for `max-line`. */
export function variableOf(flag: string): string {
  return `${PREFIX}${flag.replaceAll("-", "_").toUpperCase()}`;
}

/** Reads a variable, if the program may; otherwise it counts as not set. */
export function readVariable(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** Whether a variable comes from Kubernetes, even with an option's name: HSHA_PORT=tcp://… */
export function isForeign(variable: string, text: string): boolean {
  return OF_KUBERNETES.test(variable) || variable === "HSHA_PORT" && text.includes("tcp://");
}

/**
 * The variables that look like an option's and belong to none: most of them are mistyped.
 *
 * @param flags The flags of all commands, without dashes.
 * @param env The environment. @default {this program's, where it may read all of it}
 */
export function strayVariables(
  flags: readonly string[],
  env: Record<string, string> = readAll(),
): string[] {
  const known = new Set(flags.map(variableOf));
  return Object.entries(env)
    .filter(([name, text]) => name.startsWith(PREFIX) && !isForeign(name, text))
    .map(([name]) => name).filter((name) => !known.has(name) && !OTHERS.has(name)).sort();
}

function readAll(): Record<string, string> {
  return Deno.permissions.querySync({ name: "env" }).state === "granted" ? Deno.env.toObject() : {};
}
