/** Outside of Deno, says in one sentence that the server needs it, before anything else fails. */

if (!("Deno" in globalThis)) {
  throw new Error(
    'the server of hsha needs Deno; for its client in Node import "@hsha/hsha/client"',
  );
}
