/**
 * Tests of the comparison: each peer does the job it is compared by, and the page and the picture
 * are made from the measurements as they should be.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { main } from "../scripts/compare.ts";
import { ask, checkJob, expectedReply } from "../scripts/compare/line_client.ts";
import { readReport } from "../scripts/compare/load.ts";
import type { Job } from "../scripts/compare/modes.ts";
import { chart, type Comparison, page } from "../scripts/compare/page.ts";
import { PEERS } from "../scripts/compare/peers.ts";
import { ServerProcess } from "../scripts/tools/server_process.ts";
import { finding } from "../scripts/compare/finding.ts";
import { fillReadme } from "../scripts/compare/readme.ts";
import { rowsOf, type Sample, withRatios } from "../scripts/compare/summary.ts";
import { median } from "../scripts/tools/numbers.ts";
import { barChart, lineChart } from "../scripts/tools/chart.ts";
import { ROOT } from "./helpers/program.ts";
import { LONG } from "./helpers/long.ts";

for (const { name, prepare } of PEERS) {
  const peer = await prepare({ install: false, say: () => {} });
  const missing = "missing" in peer ? peer.missing : undefined;
  const start = (job: Job) => {
    if ("missing" in peer) throw new Error(peer.missing);
    return ServerProcess.spawn(peer.command({ workers: 2, job }));
  };
  const title = missing === undefined ? name : `${name} (${missing})`;

  Deno.test({
    name: `The peer ${title} echoes every line in order`,
    ignore: LONG.ignore || missing !== undefined,
    async fn() {
      await using server = await start("echo");
      const { port } = server;

      assertMatch(
        (await ask({ port, chunks: [..."hello world\n"], replies: 1 }))[0],
        /^\d+ hello world$/,
      );

      const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}`);
      const atOnce = await ask({ port, chunks: [lines.join("\n") + "\n"], replies: 2000 });
      assertEquals(atOnce.map(withoutId), lines);
      const ids = new Set(atOnce.map((reply) => reply.split(" ")[0]));
      assert(ids.size <= 2, `${ids.size} worker IDs with 2 workers`);

      const odd = ["", "a  b ", "käse ☃ 𝄞", "y".repeat(8000)];
      const chunks = odd.map((line) => `${line}\n`);
      assertEquals((await ask({ port, chunks, replies: odd.length })).map(withoutId), odd);
    },
  });

  Deno.test({
    name: `The peer ${title} answers everything after a half-close`,
    ignore: LONG.ignore || missing !== undefined,
    async fn() {
      await using server = await start("cpu");
      assertEquals(await checkJob({ port: server.port, job: "cpu" }), undefined);
    },
  });
}

function withoutId(reply: string): string {
  return reply.slice(reply.indexOf(" ") + 1);
}

Deno.test("expectedReply knows the digest of the CPU job", () => {
  // printf hello, and 200 times: openssl dgst -sha256 -binary
  const digest = "825bf7640f3ea96ec05299f55e12a6f38de534a018b834b47a907a11eeec50f5";
  assertMatch(`1 ${digest}`, expectedReply("hello", "cpu"));
});

Deno.test("ServerProcess.spawn quotes a program that ends without listening", async () => {
  const args = ["eval", "console.error('the port is taken'); Deno.exit(1)"];
  const error = await ServerProcess.spawn({ program: Deno.execPath(), args }).catch((e) => e);
  assertStringIncludes(error.message, "the port is taken");
});

const REPORT = {
  expect: "echo",
  linesPerSecond: 5,
  p50Micros: 1,
  p99Micros: 2,
  mismatches: 1,
  unanswered: 2,
  connectionErrors: 4,
  errorReplies: 8,
  clientCores: 0.5,
};

Deno.test("readReport counts an error reply once", () => {
  assertEquals(readReport(JSON.stringify(REPORT)).wrong, 7);
  assertEquals(readReport(JSON.stringify({ ...REPORT, expect: "none" })).wrong, 15);
});

Deno.test("readReport names the number that is missing", () => {
  const report = JSON.stringify({ ...REPORT, p50Micros: null });
  assertThrows(() => readReport(report), TypeError, 'no number "p50Micros"');
});

const SAMPLES: Sample[] = [
  sample("hsha", 100_000),
  sample("go", 90_000),
  sample("hsha", 120_000),
  sample("go", 60_000),
  sample("hsha", 80_000),
  sample("go", 70_000),
];

function sample(peer: string, linesPerSecond: number): Sample {
  return {
    peer,
    mode: "pp64",
    linesPerSecond,
    p50: 500,
    p99: 1500,
    cpuPerLine: 8.125,
    peakRss: 90.4,
    clientCores: 0.5,
    wrong: 0,
  };
}

const PAGE: Comparison = {
  rows: { pp64: rowsOf("pp64", SAMPLES) },
  peers: [
    { name: "hsha", description: "this server", version: "Deno 2" },
    { name: "go", description: "goroutines", version: "Go 1" },
    { name: "node", description: "Piscina", missing: "Node is not installed" },
  ],
  failures: [],
  machine: "Processor <A & B>, 2 logical CPUs",
  command: "deno run -A scripts/compare.ts --rounds 3",
  rounds: 3,
  seconds: 2,
  warmUp: 1,
  workers: 2,
  date: "2026-01-31",
};

Deno.test("median is the middle, or the mean of the two in the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  assertEquals(median([]), NaN);
});

Deno.test("rowsOf takes medians, and ratios to hsha", () => {
  const [hsha, go] = withRatios(rowsOf("pp64", SAMPLES));
  assertEquals([hsha.linesPerSecond, hsha.ratio, hsha.spread], [100_000, 1, 0.2]);
  assertEquals([go.linesPerSecond, go.ratio], [70_000, 0.7]);
  assertEquals(rowsOf("pp1", SAMPLES), []);
});

Deno.test("rowsOf leaves out what a system does not tell", () => {
  const [row] = withRatios(rowsOf("pp64", [{ ...sample("go", 1), cpuPerLine: undefined }]));
  assertEquals([row.cpuPerLine, row.ratio], [undefined, undefined]);
});

Deno.test("page has a row for each peer, and the reason for one that did not run", () => {
  const text = page(PAGE);
  assertStringIncludes(
    text,
    "| hsha | 100,000 | 1.00 × | ±20 % | 500 | 1,500 | 8.13 | 90 | 0.50 |\n" +
      "| go | 70,000 | 0.70 × | ±21 % | 500 | 1,500 | 8.13 | 90 | 0.50 |\n" +
      "| node | not run: Node is not installed | – | – | – | – | – | – | – |\n",
  );
  assertStringIncludes(text, "| node | Piscina | not run: Node is not installed |");
  assertStringIncludes(text, "on Processor <A & B>, 2 logical CPUs.");
  assertStringIncludes(text, "deno run -A scripts/compare.ts --rounds 3");
  assert(!text.includes("What went wrong"));
});

Deno.test("page says what went wrong", () => {
  const wrong = { ...sample("go", 1), wrong: 3 };
  const text = page({
    ...PAGE,
    rows: { pp64: rowsOf("pp64", [wrong]) },
    failures: ["go: 3 replies wrong or missing"],
  });
  assertStringIncludes(text, "- go: 3 replies wrong or missing");
  assertStringIncludes(text, "| go (3 replies wrong) |");
  assertStringIncludes(text, "| hsha | failed |");
});

Deno.test("fillReadme puts a row for each load into its place, and a dash for a peer that did not run", () => {
  const text = fillReadme("before\n<!-- compare -->\nold\n<!-- end -->\nbehind\n", PAGE);
  assertStringIncludes(
    text,
    "before\n<!-- compare -->\n\n" +
      "| lines a second, by clients | hsha | Go | Node, Piscina | Go to hsha |\n" +
      "| --- | ---: | ---: | ---: | ---: |\n" +
      "| 64 that wait for each reply | 100,000 | 70,000 | – | 0.70 × |\n\n" +
      "<!-- end -->\nbehind\n",
  );
  assertThrows(() => fillReadme("no markers", PAGE), RangeError, "no place");
});

Deno.test("finding says in words what the chart shows, and fillReadme puts it at the chart", () => {
  const words =
    "Lines per second under 1 loads: hsha is first under 1 (64 clients that wait for each " +
    "reply, 32 B), and last under 0. Times its rate: Go 0.70 to 0.70.";
  assertEquals(finding(PAGE), words);
  assertStringIncludes(page(PAGE), `![${words}](compare.svg)`);
  const readme = "![old](docs/compare.svg)\n<!-- compare -->\n<!-- end -->\n";
  assertStringIncludes(fillReadme(readme, PAGE), `![${words}](docs/compare.svg)\n`);
});

Deno.test("chart draws a bar for each peer that ran", () => {
  const svg = chart(PAGE);
  assertWellFormed(svg);
  assertEquals(svg.match(/<rect /g)?.length, 2);
  assertStringIncludes(svg, ">not run<");
  assertStringIncludes(svg, "Processor &lt;A &amp; B&gt;");
});

Deno.test("barChart draws the longest bar full and the others in proportion", () => {
  const bars = [{ label: "a", value: 10, text: "10" }, { label: "b", value: 5, text: "5" }];
  const svg = barChart({ title: "Bars", panels: [{ title: "one", bars }], columns: 1, width: 500 });
  assertWellFormed(svg);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => +width);
  assertEquals(widths[0] / widths[1], 2);
});

Deno.test("lineChart keeps every point inside the picture", () => {
  const series = [{ label: "up", points: [[1, 0], [10, 700], [1000, 1234]] as const }];
  for (const xLog of [false, true]) {
    const svg = lineChart({ title: "Lines", xLabel: "x", yLabel: "y", series, xLog });
    assertWellFormed(svg);
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    assertEquals(points.length, 3);
    for (const [, x, y] of points) assert(+x >= 0 && +x <= 860 && +y >= 0 && +y <= 360);
  }
});

Deno.test("lineChart draws 0 apart from the others on an axis of logarithms", () => {
  const series = [{ label: "up", points: [[0, 1], [1, 2], [10, 3]] as const }];
  const svg = lineChart({ title: "Lines", xLabel: "x", yLabel: "y", series, xLog: true });
  assertWellFormed(svg);
  const xs = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  assertEquals(xs[0], 64, "0 stands at the left end");
  assert(xs[1] > xs[0] + 20);
  assertMatch(svg, /<text x="64" [^>]*>0<\/text>/);
  assertMatch(svg, /stroke-dasharray/, "the line to 0 is dotted");
  const below = [{ label: "down", points: [[-1, 1]] as const }];
  assertThrows(
    () => lineChart({ title: "Lines", xLabel: "x", yLabel: "y", series: below, xLog: true }),
    RangeError,
    "not -1",
  );
});

Deno.test("barChart says that panels have scales of their own where there are several", () => {
  const panel = { title: "one", bars: [{ label: "a", value: 1, text: "1" }] };
  const told = /scale of its own/;
  assertMatch(barChart({ title: "Bars", panels: [panel, panel] }), told);
  assert(!told.test(barChart({ title: "Bars", panels: [panel] })));
});

Deno.test("every colour of the charts has another on a dark page", async () => {
  for (const folder of ["docs", "docs/howto"]) {
    for await (const { name } of Deno.readDir(ROOT + folder)) {
      if (!name.endsWith(".svg")) continue;
      const svg = await Deno.readTextFile(`${ROOT}${folder}/${name}`);
      const used = svg.matchAll(/\b(fill|stroke)="(#[0-9a-f]{6})"(?!\])/g);
      for (const [, what, color] of used) {
        assertStringIncludes(svg, `[${what}="${color}"]`, `${name}: ${what} ${color}`);
      }
    }
  }
});

Deno.test("The comparison refuses a wrong option in one line, with exit code 2", async () => {
  for (
    const [args, said] of [
      [["--rounds", "0"], `--rounds is "0"; it must be a whole number above 0`],
      [["--peers", "hsha,perl"], `--peers names "perl"; there are hsha, go, node, twisted`],
      [["--fast"], `there is no option "--fast"`],
    ] as const
  ) {
    const { code, said: line } = await silenced(() => main([...args]));
    assertEquals(code, 2);
    assertStringIncludes(line, said);
    assert(!line.includes("\n"));
  }
});

/** Runs something and catches what it would print to standard error. */
async function silenced(run: () => Promise<number>): Promise<{ code: number; said: string }> {
  const { error } = console;
  const said: string[] = [];
  console.error = (...parts: unknown[]) => void said.push(parts.join(" "));
  try {
    return { code: await run(), said: said.join("\n") };
  } finally {
    console.error = error;
  }
}

/** Every tag is closed in its order, every `&` begins an entity, no attribute is doubled. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replaceAll(/<(\/?)([a-z]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/gi, (
    _tag,
    closing: string,
    name: string,
    attributes: string,
    empty: string,
  ) => {
    const names = [...attributes.matchAll(/([\w-]+)=/g)].map(([, each]) => each);
    assertEquals(new Set(names).size, names.length, `<${name}> has an attribute twice`);
    if (closing) assertEquals(open.pop(), name);
    else if (!empty) open.push(name);
    return "";
  });
  assertEquals(open, []);
  assert(!/[<>]/.test(rest), `not a tag: ${rest.match(/.{0,20}[<>].{0,20}/)?.[0]}`);
  assertEquals(xml.match(/&(?!(?:amp|lt|gt|quot);)/g), null);
  assertMatch(xml, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
}
