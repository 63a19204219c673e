/**
 * Types for the few functions that are used from the `@std` packages.
 *
 * The names `@std/…` are mapped to npm's `deno-std`, which ships no types: without this file each
 * import would be `any`, and `deno check` blind to its misuse. Where the map points to JSR instead,
 * this file and its line in deno.json go.
 */

declare module "@std/streams" {
  /** Splits a stream of text into its lines; see https://jsr.io/@std/streams/doc/~/TextLineStream. */
  export class TextLineStream extends TransformStream<string, string> {
    constructor(options?: { allowCR?: boolean });
  }
}

declare module "@std/cli" {
  /** What `parseArgs` may be told; see https://jsr.io/@std/cli/doc/~/ParseOptions. */
  export interface ParseOptions {
    boolean?: readonly string[];
    string?: readonly string[];
    collect?: readonly string[];
    alias?: Readonly<Record<string, string | readonly string[]>>;
    "--"?: boolean;
    stopEarly?: boolean;
    /** Called for every argument that no option names; `false` leaves it out of the result. */
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  /** The options by name, and what is no option under `_`. */
  export interface Args {
    _: (string | number)[];
    [name: string]: unknown;
  }
  export function parseArgs(args: string[], options?: ParseOptions): Args;
}

declare module "@std/assert" {
  // deno-lint-ignore no-explicit-any -- what TypeScript itself asks of a constructor's parameters
  type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

  export function assert(condition: unknown, message?: string): asserts condition;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertAlmostEquals(
    actual: number,
    expected: number,
    tolerance?: number,
    message?: string,
  ): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is T;
  export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T>;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertGreater<T>(actual: T, expected: T, message?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertInstanceOf<T>(
    actual: unknown,
    // deno-lint-ignore no-explicit-any
    expected: abstract new (...args: any[]) => T,
    message?: string,
  ): asserts actual is T;
  export function assertThrows<E extends Error>(
    run: () => unknown,
    expected: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): E;
  export function assertRejects<E extends Error>(
    run: () => PromiseLike<unknown>,
    expected: ErrorClass<E>,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
  export function fail(message?: string): never;
}
