// JSON-RPC 2.0; a line is a request or a batch: deno run -A main.ts --handler docs/examples/jsonrpc.ts
import type { Handler } from "../../lib/mod.ts";

/** The methods. Parameters are an array, or an object that may be empty. */
const methods = new Map<string, (params: object) => unknown>([
  ["sum", (params) => numbers(params).reduce((sum, each) => sum + each, 0)],
  ["subtract", (params) => numbers(params, "minuend", "subtrahend").reduce((a, b) => a - b)],
]);

/** Parameters, taken by position or by these names. */
function numbers(params: object, ...names: string[]): number[] {
  const values = Array.isArray(params) ? params : names.map((name) => Reflect.get(params, name));
  if (values.length > 0 && values.every((value) => typeof value === "number")) return values;
  throw new TypeError("Invalid params");
}

const failure = (code: number, message: string, id: unknown = null) => {
  return { jsonrpc: "2.0", error: { code, message }, id };
};

/** The response to a request; `undefined` to a notification, which has no ID. */
function respond(request: unknown): object | undefined {
  const { jsonrpc, method, params = {}, id = null } = Object(request);
  const isId = id === null || ["string", "number"].includes(typeof id);
  if (jsonrpc !== "2.0" || typeof method !== "string" || params !== Object(params) || !isId) {
    return failure(-32600, "Invalid Request");
  }
  const call = methods.get(method);
  let response: object = failure(-32601, "Method not found", id);
  try {
    if (call !== undefined) response = { jsonrpc, result: call(params), id };
  } catch (error) {
    const isTheirs = error instanceof TypeError;
    response = isTheirs
      ? failure(-32602, error.message, id)
      : failure(-32603, "Internal error", id);
  }
  return "id" in Object(request) ? response : undefined;
}

const jsonrpc: Handler = (line) => {
  try {
    const request = JSON.parse(line);
    if (!Array.isArray(request) || request.length === 0) return JSON.stringify(respond(request));
    const responses = request.map(respond).filter((response) => response !== undefined);
    return responses.length > 0 ? JSON.stringify(responses) : undefined;
  } catch {
    return JSON.stringify(failure(-32700, "Parse error"));
  }
};

export default jsonrpc;
