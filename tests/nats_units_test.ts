/** The parts of the NATS side by themselves: URLs, messages, grants, batches, and the sign of life. */

import { assertEquals } from "@std/assert";
import { natsAddress } from "../lib/cluster/nats/address.ts";
import { divide } from "../lib/cluster/nodes/grants.ts";
import { bytesOf, decode, encode, textOf } from "../lib/cluster/nodes/protocol.ts";
import { RemoteBatch } from "../lib/cluster/nodes/remote_batch.ts";
import { BatchSlot } from "../lib/half_sync/memory/batch_slot.ts";
import { Beat, LeasedSlot, STALE } from "../lib/half_sync/memory/leased_slot.ts";
import { PlayedRun } from "./helpers/played_run.ts";

Deno.test("natsAddress reads URLs as NATS's own clients do", () => {
  const servers = (...servers: string[]) => ({ servers, tls: false });
  const cases: [text: string, address: ReturnType<typeof natsAddress>][] = [
    ["nats://a", servers("a:4222")],
    ["nats://a:1", servers("a:1")],
    ["nats://a:21", servers("a:21")],
    ["nats://[::1]:5/", servers("[::1]:5")],
    ["nats://a, nats://b:7", servers("a:4222", "b:7")],
    ["tls://a", { servers: ["a:4222"], tls: true }],
    ["nats://token@a", { ...servers("a:4222"), token: "token" }],
    ["nats://u:p%40@a", { ...servers("a:4222"), user: "u", pass: "p@" }],
    ["nats://a,nats://u:p@b", { ...servers("a:4222", "b:4222"), user: "u", pass: "p" }],
  ];
  for (const [text, address] of cases) assertEquals(natsAddress(text), address, text);
  for (const text of ["", "a", "http://a", "ws://a", "nats://", "nats://a/x", "nats://a b"]) {
    assertEquals(natsAddress(text), undefined, text);
  }
  for (const text of ["nats://a?x", "nats://%zz@a", "nats://a:99999", "nats://a,,nats://b"]) {
    assertEquals(natsAddress(text), undefined, text);
  }
});

Deno.test("a message is read as it was written, whatever bytes it has", () => {
  const text = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
  const head = { type: "leaving", link: "é\n" } as const;
  const message = decode(encode(head, bytesOf(text), bytesOf(""), bytesOf("ascii")))!;
  assertEquals(message.head, head);
  assertEquals(textOf(message.rest), `${text}ascii`);
  for (const broken of ["", "no end", "no JSON\n", "1\n", "null\n", "[]\n", "{}\n"]) {
    assertEquals(decode(new TextEncoder().encode(broken)), undefined, broken);
  }
});

Deno.test("divide gives one front all, and several what they use, but a worker each at the least", () => {
  const cases: [workers: number, peaks: number[], grants: number[]][] = [
    [4, [0], [4]],
    [4, [9, 9], [2, 2]],
    [4, [9, 0], [4, 1]],
    [8, [1, 9], [2, 6]],
    [2, [9, 9, 9], [1, 1, 1]],
    [5, [9, 9], [2, 3]],
    [1, [9, 0, 0], [1, 1, 1]],
  ];
  for (const [workers, peaks, grants] of cases) {
    const claimants = peaks.map((peak) => ({ peak, grant: 0 }));
    divide(workers, claimants);
    assertEquals(claimants.map(({ grant }) => grant), grants, `${workers} among ${peaks}`);
  }
});

Deno.test("RemoteBatch settles each line once, whatever a node tells, and when it is lost", () => {
  const run = new PlayedRun("a", "b", "c");
  const batch = new RemoteBatch(1, { runs: [run], cost: 3, unanswered: 1 }, { terminator: "\r\n" });
  const bytes = bytesOf("A\n");
  const take = (...record: Parameters<RemoteBatch["take"]>[0]) =>
    batch.take(record, { bytes, executor: 1 });
  take("answer", 1, 0, 1, 0, 0, 2);
  take("answer", 1, 0, 3, 0, 0, 2); // more than are left
  take("answer", 1, 7, 1, 0, 0, 2); // no such run
  assertEquals(batch.load, 3);
  take("stalled", 1, 0, 5000);
  assertEquals(batch.load, Infinity);
  take("back", 1, 0, 0); // its first line was answered
  take("back", 1, 0, 2);
  take("back", 1, 0, 2); // twice
  take("took", 1, 0, 5, 0); // while one is not answered
  batch.lost("gone");
  batch.lost("gone");
  assertEquals(run.told, [
    '1 0 "A\\r\\n"',
    "stalled 5000",
    "back from 2",
    '1 1 "ERR gone\\r\\n"',
    "took",
  ]);
});

Deno.test("RemoteBatch that was refused gives back each run that was not started", () => {
  const [whole, begun] = [new PlayedRun("a", "b"), new PlayedRun("c", "d")];
  const batch = new RemoteBatch(1, { runs: [whole, begun], cost: 4, unanswered: 2 }, {
    terminator: "\n",
  });
  batch.take(["answer", 1, 1, 1, 0, 0, 2], { bytes: bytesOf("C\n"), executor: 1 });
  batch.refused();
  assertEquals(whole.told, ["back from 0"]);
  assertEquals(begun.told.slice(1), [
    '1 1 "ERR the worker machine refused this job\\n"',
    "took",
  ]);
});

Deno.test("LeasedSlot starts no line when the reactor was not heard of for too long", async () => {
  const beat = new Beat();
  const slot = new LeasedSlot(new BatchSlot().memory, new Beat(beat.memory));
  slot.fill([{ header: "h", text: "a\nb\nc" }]);
  beat.beat(performance.now() + 5000); // its clock began at another time
  assertEquals([slot.claim(), slot.started], [true, 1]);
  await new Promise((resolve) => setTimeout(resolve, STALE + 20));
  assertEquals([slot.claim(), slot.started], [false, 1]);
  beat.beat(performance.now() + 5000);
  assertEquals([slot.claim(), slot.started], [true, 2]);
});
