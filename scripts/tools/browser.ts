/**
 * Test tool: Debian's Chromium, driven by playwright-core. A page in it remembers what a user would
 * find wrong: errors in its console, and requests to anywhere but its own server.
 */

// deno-lint-ignore no-import-prefix -- for this test alone
import { type Browser, chromium, type Page } from "npm:playwright-core@1.65.1";
import { pathOf } from "./process.ts";

/** The names that Chromium goes by. */
export const BROWSERS = ["chromium", "chromium-browser", "google-chrome"] as const;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How a page is looked at. */
export interface Look {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  reducedMotion?: "reduce" | "no-preference";
}

/** A browser. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts it. */
  static async start(): Promise<TestBrowser> {
    const executablePath = BROWSERS.map((name) => pathOf(name)).find((path) => path !== undefined);
    return new TestBrowser(await chromium.launch({ executablePath, args: FLAGS }));
  }

  /** Opens a page. */
  async open(url: string, look: Look = {}): Promise<TestPage> {
    const { width = 1280, height = 900, colorScheme = "light", reducedMotion = "no-preference" } =
      look;
    const viewport = { width, height };
    const context = await this.#browser.newContext({ viewport, colorScheme, reducedMotion });
    const page = new TestPage(await context.newPage(), new URL(url).origin);
    await page.page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** A page and what is wrong with it. */
export class TestPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests elsewhere. */
  readonly faults: string[] = [];

  constructor(page: Page, origin: string) {
    this.page = page;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/`)) this.faults.push(request.url());
    });
  }

  /** The text of an element. */
  async text(selector: string): Promise<string> {
    return (await this.page.textContent(selector) ?? "").trim();
  }

  /** Waits until an element has a text, or one that matches. */
  async shows(selector: string, text: string | RegExp): Promise<void> {
    const found = this.page.locator(selector).filter({ hasText: text });
    try {
      await found.first().waitFor({ timeout: 20_000 });
    } catch {
      throw new Error(`${selector} has the text ${await this.text(selector)}, not ${text}`);
    }
  }
}
