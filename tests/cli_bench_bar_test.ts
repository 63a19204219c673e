/** The progress bar of `hsha bench` at a terminal. */

import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { startServer } from "./helpers/server.ts";
import { AT_TERMINAL, PROGRAM, Terminal } from "./helpers/terminal.ts";

for (const columns of [40, 10]) {
  Deno.test(`ProgressBar fits into ${columns} columns, and goes`, AT_TERMINAL, async () => {
    await using server = await startServer({ workers: 1 });
    const { port } = server.addr as Deno.NetAddr;
    const bench = `${PROGRAM} bench -c 1 --warmup 0 -d 0.3 ${port}`;
    await using terminal = new Terminal(bench, { columns });
    assertEquals(await terminal.ended(), 0);
    const frames = [...terminal.screen.matchAll(/\r([█░]* 0\.\d[^\r]*)␛\[K/g)];
    assert(frames.length > 0, terminal.screen);
    for (const [, frame] of frames) assertLess(frame.length, columns, frame);
    assertMatch(terminal.screen, /\r␛\[K[^\r]*target/);
  });
}

Deno.test(
  "ProgressBar is whole at a terminal that does not say its size",
  AT_TERMINAL,
  async () => {
    await using server = await startServer({ workers: 1 });
    const { port } = server.addr as Deno.NetAddr;
    const bench = `${PROGRAM} bench -c 1 --warmup 0 -d 0.3 ${port}`;
    await using terminal = new Terminal(bench, { columns: 0 });
    assertEquals(await terminal.ended(), 0);
    assertMatch(terminal.screen, /\r[█░]{30} 0\.\d of 0\.3 s +[\d,]+ lines␛\[K/);
  },
);

Deno.test(
  "bench takes its bar away at Ctrl-C, and prints what it has measured",
  AT_TERMINAL,
  async () => {
    await using server = await startServer({ workers: 1 });
    const { port } = server.addr as Deno.NetAddr;
    await using terminal = new Terminal(`${PROGRAM} bench -c 1 -d 60 ${port}`);
    await terminal.waitFor(/░ \d+\.\d of 61 s/);
    await terminal.type("\x03");
    assertEquals(await terminal.ended(), 130);
    assertMatch(
      terminal.screen,
      /\r␛\[K[^░]*target[^]*warm-up, then interrupted\r\n[^]*throughput/,
    );
  },
);
