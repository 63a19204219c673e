/** Says in one sentence that the server needs Deno, before anything fails without it. */

if (!("Deno" in globalThis)) {
  throw new Error(
    'the server of hsha needs Deno; for its client in Node import "@hsha/hsha/client"',
  );
}
