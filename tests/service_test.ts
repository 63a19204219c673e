/** What a handler and its user settle together: the defaults of the start stay in force. */

import { assertEquals } from "@std/assert";
import { Service } from "../lib/service.ts";

/** A service, and how often it has said that it keeps its defaults. */
function serviceWithWarnings() {
  const warnings: string[] = [];
  return { service: new Service({}, ({ type }) => warnings.push(type)), warnings };
}

const serial = { open: false, defaults: { order: "serial" } };
const completion = { open: false, defaults: { order: "completion" } };

Deno.test("Service warns of a reload with other defaults, once for all workers", () => {
  const { service, warnings } = serviceWithWarnings();
  for (const loaded of [serial, serial, completion, completion]) service.settle(loaded);
  assertEquals(warnings, ["defaults_kept"]);
  assertEquals(service.settings.order, "serial");
});

Deno.test("Service does not warn when a reload brings back the defaults in force", () => {
  const { service, warnings } = serviceWithWarnings();
  for (const loaded of [serial, completion, serial, serial]) service.settle(loaded);
  assertEquals(warnings, ["defaults_kept"]);
});

Deno.test("Service compares worker machines with the defaults in force, not those of a reload", () => {
  const { service } = serviceWithWarnings();
  const limits = { jobTimeout: 30, maxReply: 1024 };
  service.settle(serial);
  service.settle(completion);
  assertEquals(service.objection({ ...serial, ...limits }), undefined);
  assertEquals(
    service.objection({ ...completion, ...limits }),
    "its handler has other defaults",
  );
});

Deno.test("Service asks the next worker machine when the defaults of the first are not valid", () => {
  const { service, warnings } = serviceWithWarnings();
  const limits = { jobTimeout: 30, maxReply: 1024 };
  const wrong = { open: false, defaults: { order: "random" }, ...limits };
  assertEquals(typeof service.objection(wrong), "string");
  assertEquals(service.objection({ ...serial, ...limits }), undefined);
  assertEquals(service.settings.order, "serial");
  assertEquals(warnings, []);
});
