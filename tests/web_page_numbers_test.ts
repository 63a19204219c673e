/** Numbers of the live page: none is written so short that it says something else. */

import { assertEquals, assertGreater } from "@std/assert";
import { rate } from "../lib/observe/web/page/format.js";
import { WebHost } from "../lib/observe/web_host.ts";
import { BROWSERS, TestBrowser } from "../scripts/tools/browser.ts";
import { FakeServer } from "./helpers/fake_server.ts";
import { keepNumbers, numbersAtAxis } from "./helpers/in_page.js";
import { LONG } from "./helpers/long.ts";
import { needs } from "./helpers/tools.ts";

Deno.test("rate writes a small rate in tenths, and not as nothing", () => {
  assertEquals([0, 0.4, 1, 2.25, 10, 1234, 12_345].map(rate), [
    "0",
    "0.4",
    "1",
    "2.3",
    "10",
    "1,234",
    "12.3K",
  ]);
});

for (const lines of [0, 1, 3, 40]) {
  const name = `the charts write no number twice at an axis when a client sends ${lines} a second`;
  Deno.test(name, LONG.ignore ? LONG : needs(...BROWSERS), async () => {
    await using host = await WebHost.start({ hostname: "127.0.0.1", port: 0 }, {});
    const fake = new FakeServer({ workers: 2, rate: lines, start: Date.now() });
    const pass = (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 0.25) host.post(fake.advance(0.25));
    };
    pass(3);
    await using browser = await TestBrowser.start();
    const { page, faults } = await browser.open(host.url);
    await page.locator(".charts canvas").nth(2).waitFor();
    await page.evaluate(keepNumbers);
    for (const place of ["chart-rates", "chart-waiting"]) {
      // A chart is drawn at the next points.
      let numbers: string[] = [];
      while (numbers.length === 0) {
        pass(1);
        numbers = await page.evaluate(numbersAtAxis, place);
      }
      assertGreater(numbers.length, 1, place);
      assertEquals(numbers, [...new Set(numbers)], place);
    }
    assertEquals(faults, []);
  });
}
