/** Checks a caller's options against the table and against each other, and fills in defaults. */

import { enumerate, fault, type Option, quote, refuse, wanted } from "./option_kinds.ts";
import { PERMISSION_NAMES, SERVER_OPTIONS } from "./option_table.ts";
import type { ServeOptions } from "./options.ts";
import { ORDERS } from "./orders.ts";

/** Options that have no default. */
type OptionalName =
  | "unix"
  | "socketMode"
  | "web"
  | "nats"
  | "natsCreds"
  | "tls"
  | "signal"
  | "onListen"
  | "onEvent";

/** The options as {@linkcode resolveOptions} returns them: checked, with every default filled in. */
export type Settings =
  & Required<Omit<ServeOptions, OptionalName>>
  & Pick<ServeOptions, OptionalName>;

/** The options that are not in the table, as they are more than a plain value. */
type StructuredName = Exclude<keyof ServeOptions, keyof typeof SERVER_OPTIONS>;

/** Checks of those options; each returns what to keep, copied if need be. */
const STRUCTURED = {
  tls: checkTls,
  permissions: checkPermissions,
  handlerArgs: checkArgs,
  reusePort: checkReusePort,
  signal: (value: unknown) =>
    value instanceof AbortSignal ? value : refuse("signal", { value, want: "an AbortSignal" }),
  onListen: (value: unknown) => checkFunction("onListen", value),
  onEvent: (value: unknown) => checkFunction("onEvent", value),
} satisfies Record<StructuredName, (value: unknown) => unknown>;

/**
 * Checks a server's options and fills in their defaults. An option whose value is `undefined` counts as
 * absent.
 *
 * @param options What the caller gave.
 * @returns Every option that has a default, and the others that were given.
 *
 * @throws {TypeError} An option is unknown, of the wrong type, or contradicts another.
 * @throws {RangeError} A value is of the right type but out of its range.
 */
export function resolveOptions(options: ServeOptions = {}): Settings {
  if (!isObject(options)) {
    throw new TypeError(`The options are ${quote(options)}; they must be an object`);
  }
  const settings: Record<string, unknown> = {
    workers: logicalCpus(),
    permissions: {},
    handlerArgs: [],
    reusePort: false,
  };
  const rows: Readonly<Record<string, Option>> = SERVER_OPTIONS;
  const structured: Readonly<Record<string, (value: unknown) => unknown>> = STRUCTURED;
  for (const [name, row] of Object.entries(rows)) {
    const byDefault = row.kind === "flag" ? false : row.default;
    if (byDefault !== undefined) settings[name] = byDefault;
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rows, name) && !Object.hasOwn(structured, name)) {
      const names = [...Object.keys(rows), ...Object.keys(structured)];
      throw new TypeError(
        `There is no option ${quote(name)}; there are ${enumerate(names, "and")}`,
      );
    }
    if (value === undefined) continue;
    if (Object.hasOwn(structured, name)) {
      settings[name] = structured[name](value);
    } else {
      checkPlain(name, { row: rows[name], value });
      settings[name] = value instanceof URL ? new URL(value) : value;
    }
  }
  checkTogether(options);
  if (options.nats !== undefined) settings.workers = options.workers ?? 0;
  settings.maxAbandoned ??= settings.workers;
  // A one-way sender, such as a syslog daemon, may have nothing to send for hours.
  if (settings.replies === "none") settings.idleTimeout = options.idleTimeout ?? 0;
  // Sound: each row was filled in or checked above, and the table has a row for every plain option.
  return settings as unknown as Settings;
}

/** As many workers as the machine can run at once, within the bounds of the option. */
function logicalCpus(): number {
  const { min, max } = SERVER_OPTIONS.workers;
  return Math.min(Math.max(navigator.hardwareConcurrency, min), max);
}

function checkPlain(name: string, { row, value }: { row: Option; value: unknown }): void {
  if (name === "handler" && value instanceof URL) return;
  const wrong = fault(row, value);
  if (wrong === undefined) return;
  const want = name === "handler" ? `${wanted(row)}, or a URL` : wanted(row);
  refuse(name, { value, want, as: wrong === "range" ? RangeError : TypeError });
}

function checkTls(value: unknown): object {
  if (!isObject(value)) refuse("tls", { value, want: "an object with the texts cert and key" });
  const texts: Partial<Record<string, unknown>> = { ...value };
  const stray = Object.keys(texts).find((part) => part !== "cert" && part !== "key");
  if (stray !== undefined) {
    throw new TypeError(`The option "tls" has no part ${quote(stray)}; it has cert and key`);
  }
  for (const part of ["cert", "key"]) {
    // The text is not quoted: it may be the private key.
    if (typeof texts[part] !== "string" || texts[part] === "") {
      throw new TypeError(`The option "tls" has no text "${part}"; it needs both cert and key`);
    }
  }
  return texts;
}

function checkPermissions(value: unknown): object {
  const known = enumerate(PERMISSION_NAMES, "and");
  if (!isObject(value)) refuse("permissions", { value, want: `an object with any of ${known}` });
  for (const [name, grant] of Object.entries(value)) {
    const permission = PERMISSION_NAMES.find((it) => it === name);
    if (permission === undefined) {
      throw new TypeError(`There is no permission ${quote(name)}; there are ${known}`);
    }
    if (grant === undefined) continue;
    checkPlain(`permissions.${name}`, {
      row: { kind: "list", permission, help: "" },
      value: grant,
    });
  }
  return structuredClone({ ...value });
}

function checkArgs(value: unknown): string[] {
  const isList = Array.isArray(value) && value.every((word) => typeof word === "string");
  return isList ? [...value] : refuse("handlerArgs", { value, want: "a list of texts" });
}

function checkFunction(name: string, value: unknown): unknown {
  return typeof value === "function" ? value : refuse(name, { value, want: "a function" });
}

function checkReusePort(value: unknown): boolean {
  if (typeof value !== "boolean") refuse("reusePort", { value, want: "true or false" });
  // Elsewhere, Deno ignores it: the second process finds the port taken, or gets no connections.
  if (value && Deno.build.os !== "linux") {
    throw new TypeError('The option "reusePort" is true; only on Linux can processes share a port');
  }
  return value;
}

/** Refuses options that contradict each other. */
function checkTogether(options: ServeOptions): void {
  const { unix, socketMode, host, port, tls } = options;
  checkNats(options);
  const reusePort = options.reusePort || undefined;
  if (unix === undefined && socketMode !== undefined) {
    throw new TypeError('The option "socketMode" needs the option "unix" as well');
  }
  if (unix === undefined) return;
  for (const [name, value] of Object.entries({ host, port, tls, reusePort })) {
    if (value !== undefined) {
      throw new TypeError(`The option "unix" is ${quote(unix)}; it excludes the option "${name}"`);
    }
  }
}

/** Refuses options that contradict worker machines, or make no sense without them. */
function checkNats({ nats, natsCreds, order, handler, workers }: ServeOptions): void {
  if (nats === undefined) {
    if (natsCreds === undefined) return;
    throw new TypeError(
      `The option "natsCreds" is ${quote(natsCreds)}; it needs the option "nats" as well`,
    );
  }
  if (order !== undefined && ORDERS[order].pinned) {
    throw new TypeError(
      `The option "order" is ${
        quote(order)
      }; it excludes the option "nats": a connection cannot be ` +
        "pinned to a worker of another machine",
    );
  }
  if (handler !== undefined && workers === undefined) {
    throw new TypeError(
      `The option "handler" is ${quote(handler)}; with "nats" it needs the option "workers" as ` +
        "well: worker machines load their own handler",
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
