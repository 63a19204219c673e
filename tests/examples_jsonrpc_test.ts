/** jsonrpc.ts keeps to JSON-RPC 2.0, whose examples are played here. */

import { assert, assertEquals } from "@std/assert";
import * as jsonrpc from "../docs/examples/jsonrpc.ts";
import { FakeConnection } from "./helpers/fake_context.ts";

/** Section 7 of the specification, with what this server has in place of its methods. */
const RPC: readonly (readonly [request: string, response: string | undefined])[] = [
  ['{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', result(19, 1)],
  ['{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}', result(-19, 2)],
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    result(19, 3),
  ],
  ['{"jsonrpc": "2.0", "method": "sum", "params": [1, 2, 4], "id": "a"}', result(7, "a")],
  ['{"jsonrpc": "2.0", "method": "sum", "params": [1, 2, 4], "id": null}', result(7, null)],
  ['{"jsonrpc": "2.0", "method": "sum", "params": [1, 2, 3, 4, 5]}', undefined],
  ['{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ['{"jsonrpc": "2.0", "method": "sum"}', undefined],
  ['{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', fault(-32601, "Method not found", "1")],
  [
    '{"jsonrpc": "2.0", "method": "hasOwnProperty", "id": "1"}',
    fault(-32601, "Method not found", "1"),
  ],
  ['{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', fault(-32700, "Parse error")],
  ["", fault(-32700, "Parse error")],
  ['{"jsonrpc": "2.0", "method": 1, "params": "bar"}', fault(-32600, "Invalid Request")],
  ['{"jsonrpc": "2.0", "method": "sum", "params": "1"}', fault(-32600, "Invalid Request")],
  ['{"jsonrpc": "2.0", "method": "sum", "params": null}', fault(-32600, "Invalid Request")],
  ['{"jsonrpc": "2.0", "method": "sum", "id": {}}', fault(-32600, "Invalid Request")],
  ['{"jsonrpc": "1.0", "method": "sum", "id": 1}', fault(-32600, "Invalid Request")],
  ["null", fault(-32600, "Invalid Request")],
  ['"sum"', fault(-32600, "Invalid Request")],
  ['{"jsonrpc": "2.0", "method": "sum", "id": 1}', fault(-32602, "Invalid params", 1)],
  [
    '{"jsonrpc": "2.0", "method": "sum", "params": ["1"], "id": 1}',
    fault(-32602, "Invalid params", 1),
  ],
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 1}, "id": 1}',
    fault(-32602, "Invalid params", 1),
  ],
  ["[]", fault(-32600, "Invalid Request")],
  ["[1]", `[${fault(-32600, "Invalid Request")}]`],
  ["[1,[],{}]", `[${Array(3).fill(fault(-32600, "Invalid Request"))}]`],
  [
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
    fault(-32700, "Parse error"),
  ],
  [
    `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"}]`,
    `[${[
      result(7, "1"),
      result(19, "2"),
      fault(-32600, "Invalid Request"),
      fault(-32601, "Method not found", "5"),
    ]}]`,
  ],
  [
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1]}, {"jsonrpc": "2.0", "method": "no"}]',
    undefined,
  ],
];

function result(result: unknown, id: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", result, id });
}

function fault(code: number, message: string, id: unknown = null): string {
  return JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id });
}

Deno.test("jsonrpc.ts answers as the specification's examples do", async () => {
  const connection = new FakeConnection(jsonrpc);
  for (const [request, response] of RPC) {
    const replies = await connection.say(request.replaceAll("\n", " "));
    assertEquals(replies, response === undefined ? [] : [response], request);
  }
  assert(!connection.ended);
});
