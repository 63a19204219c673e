/**
 * Keeps a handler from ending its worker behind the reactor's back: Deno has no event for a worker that
 * closes itself, and messages to it vanish. Must be loaded before the handler.
 */

import process from "node:process";

function refuse(name: string): () => never {
  return () => {
    throw new Error(`${name} is not for handlers: workers start and stop with the server`);
  };
}

/** Replaces everything that ends a worker or the process by a function that throws. */
export function seal(): void {
  const replace = (target: object, name: string, shown: string) =>
    Object.defineProperty(target, name, { value: refuse(shown), configurable: false });
  replace(globalThis, "close", "close()");
  replace(Deno, "exit", "Deno.exit()");
  // For the own process, neither needs a permission.
  replace(Deno, "kill", "Deno.kill()");
  replace(process, "kill", "process.kill()");
}
