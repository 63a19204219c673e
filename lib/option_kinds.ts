/**
 * The vocabulary of option tables: the kinds of options, what each accepts, and the words that say so. The
 * tables of the server, the client and the commands are written in it.
 */

/** What every kind of option has. */
interface Described {
  /** One line for `--help`. */
  readonly help: string;
  /** What stands for the value in `--help`: `PORT`, `FILE` … */
  readonly metavar?: string;
  /** The letter of its short flag, as in `-p`. */
  readonly short?: string;
  /** The default in words, if it is not a constant. */
  readonly defaultText?: string;
  /** The title of a section of `--help` that begins with this option. */
  readonly heading?: string;
}

/** A number from `min` to `max`: a whole one, or a time in seconds, fractions allowed. */
export interface NumberOption extends Described {
  readonly kind: "integer" | "seconds";
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/** The mode of a file, from 0 to 0o777; on the command line, an octal number. */
export interface ModeOption extends Described {
  readonly kind: "mode";
  readonly default?: undefined;
}

/** One of a few words. */
export interface ChoiceOption extends Described {
  readonly kind: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A text that is not empty, or one of a certain form. */
export interface TextOption extends Described {
  readonly kind: "text";
  /** The form: a test for it, and words that follow "it must be". */
  readonly form?: { readonly is: (text: string) => boolean; readonly words: string };
  readonly default?: string;
}

/** On or off; given without a value. */
export interface FlagOption extends Described {
  readonly kind: "flag";
  readonly default?: undefined;
  /** Whether `--no-` before its name switches it off, as it may be on by default. */
  readonly negatable?: boolean;
}

/** Everything (`true`, given without a value), nothing (`false`), or a list of texts. */
export interface ListOption extends Described {
  readonly kind: "list";
  /** The permission of Deno that the texts grant. */
  readonly permission?: keyof Deno.PermissionOptionsObject;
  readonly default?: undefined;
}

/** One row of an option table. */
export type Option =
  | NumberOption
  | ModeOption
  | ChoiceOption
  | TextOption
  | FlagOption
  | ListOption;

/** Options by their names in camelCase, in the order of `--help`. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The type of an option's value. */
export type ValueOf<O extends Option> = O extends NumberOption | ModeOption ? number
  : O extends { kind: "choice"; choices: readonly (infer Choice)[] } ? Choice
  : O extends TextOption ? string
  : O extends FlagOption ? boolean
  : boolean | string[];

/** The values given for the options of a table. */
export type Given<T extends OptionTable> = { -readonly [K in keyof T]?: ValueOf<T[K]> };

/** The longest time that a timer can wait: 2³¹ − 1 milliseconds. */
export const LONGEST_SECONDS = 2_147_483;

/** What the texts of a grant must be, for permissions that do not take just any text. */
const GRANT_TEXTS: { readonly [K in keyof Deno.PermissionOptionsObject]?: string } = {
  net: "hosts: names or addresses (IPv6 in brackets), each with or without :PORT",
  sys: "kinds of system information that Deno knows: hostname, osRelease …",
};

/** A row for a time of at least `min` seconds. */
export function seconds(byDefault: number, help: string, min = 0) {
  const bounds = { min, max: LONGEST_SECONDS };
  return { kind: "seconds", ...bounds, default: byDefault, metavar: "SECONDS", help } as const;
}

/** What an option accepts, in words that follow "it must be". */
export function wanted(option: Option): string {
  switch (option.kind) {
    case "integer":
      return `an integer from ${option.min} to ${option.max}`;
    case "seconds":
      return `a number of seconds from ${option.min} to ${option.max}`;
    case "mode":
      return "an octal number from 0 to 777, as chmod takes it";
    case "choice":
      return enumerate(option.choices.map((choice) => `"${choice}"`), "or");
    case "text":
      return option.form?.words ?? "a text that is not empty";
    case "flag":
      return "true or false";
    case "list":
      return `true, false or a list of ${
        option.permission && GRANT_TEXTS[option.permission] || "texts that are not empty"
      }`;
  }
}

/**
 * What is wrong with a value: its `"type"` or its `"range"`; `undefined` if it is right.
 *
 * @param option The option that the value is for.
 * @param value Anything at all.
 */
export function fault(option: Option, value: unknown): "type" | "range" | undefined {
  switch (option.kind) {
    case "integer":
    case "seconds": {
      if (typeof value !== "number") return "type";
      const whole = option.kind === "seconds" || Number.isInteger(value);
      return whole && value >= option.min && value <= option.max ? undefined : "range";
    }
    case "mode":
      if (typeof value !== "number") return "type";
      return Number.isInteger(value) && value >= 0 && value <= 0o777 ? undefined : "range";
    case "choice":
      if (typeof value !== "string") return "type";
      return option.choices.includes(value) ? undefined : "range";
    case "text":
      if (typeof value !== "string") return "type";
      return value === "" || option.form?.is(value) === false ? "range" : undefined;
    case "flag":
      return typeof value === "boolean" ? undefined : "type";
    case "list":
      if (typeof value === "boolean") return undefined;
      if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) return "type";
      if (value.includes("")) return "range";
      return isReadable(option.permission, value) ? undefined : "type";
  }
}

/**
 * Whether Deno understands the texts that grant a permission. That shows when a worker is made:
 * `Deno.permissions.querySync` does not look at them in a program that may do everything.
 */
function isReadable(permission: ListOption["permission"], texts: string[]): boolean {
  if (permission === undefined) return true;
  const error = refusal({ [permission]: texts });
  // If this program itself lacks the permission, the start of the real workers will say so.
  return error instanceof Deno.errors.NotCapable || error?.message === refusal({})?.message;
}

/**
 * Deno's error for a worker with these grants. There always is one, so that no worker starts: Deno reads
 * `ffi` last, and refuses the empty path in it.
 */
function refusal(grants: Deno.PermissionOptionsObject): Error | undefined {
  const permissions: Deno.PermissionOptionsObject = { ...grants, ffi: [""] };
  try {
    new Worker("data:text/javascript,", { type: "module", deno: { permissions } }).terminate();
  } catch (error) {
    if (error instanceof Error) return error;
  }
}

/** A value as an error message shows it: quoted, on one line, and cut at 100 characters. */
export function quote(value: unknown): string {
  const text = typeof value === "string"
    ? JSON.stringify(value)
    : inspect(value).replaceAll(/\s+/g, " ");
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

/** A value in words. Without Deno, as for the client's options in Node, they are simpler. */
function inspect(value: unknown): string {
  if (!("Deno" in globalThis)) return String(value);
  return Deno.inspect(value, { depth: 1, colors: false, compact: true, breakLength: Infinity });
}

/** `["a", "b", "c"]` in words: `a, b or c`. */
export function enumerate(words: readonly string[], conjunction: "and" | "or"): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** A wrong value, what it must be, and the class of the error that says so. */
interface Refusal {
  value: unknown;
  want: string;
  as?: ErrorConstructor;
}

/** Throws the error that refuses a value of an option. */
export function refuse(name: string, { value, want, as = TypeError }: Refusal): never {
  throw new as(`The option "${name}" is ${quote(value)}; it must be ${want}`);
}
