/**
 * Pictures for docs/ as SVG text, without a library: colours, text, and the whole document. Elements have
 * the colours of a light page as attributes, for viewers without style sheets; the style sheet has those of
 * a dark page.
 */

/** Text, axes and grid. */
export const TEXT = "#57606a";
/** Bars that are not the chart's subject. */
export const PLAIN = "#818b98";
/** Series, in their order; the first is the accent. */
export const COLORS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#6e7781"] as const;
/** Text on a bar of any of these colours. */
export const ON_COLOR = "#ffffff";

/** What each becomes on a dark page. */
const DARK: Readonly<Record<string, string>> = {
  [TEXT]: "#b1bac4",
  [PLAIN]: "#7d8793",
  "#0969da": "#58a6ff",
  "#bc4c00": "#f0883e",
  "#1a7f37": "#56d364",
  "#8250df": "#d2a8ff",
  "#bf3989": "#ff9bce",
  "#6e7781": "#9198a1",
  [ON_COLOR]: "#0d1117",
};

/** The style sheet for what a picture draws, as an element that comes before it. */
function darkStyle(drawn: string): string {
  const rules = Object.entries(DARK).flatMap(([light, dark]) =>
    ["fill", "stroke"].filter((name) => drawn.includes(`${name}="${light}"`))
      .map((name) => `[${name}="${light}"]{${name}:${dark};}`)
  );
  return `<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>\n`;
}

/** A whole picture. */
export interface Picture {
  /** In pixels. */
  width: number;
  height: number;
  title: string;
  /** What it shows, for readers who cannot see it. */
  description?: string;
  /** Its elements. */
  drawn: string;
}

/** The document of a picture. */
export function svg({ width, height, title, description, drawn }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" role="img" ` +
    `font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">\n` +
    `<title>${escape(title)}</title>\n` +
    (description === undefined ? "" : `<desc>${escape(description)}</desc>\n`) +
    `${darkStyle(drawn)}${drawn}</svg>\n`;
}

/** Where text stands, and how it looks. */
export interface TextStyle {
  x: number;
  y: number;
  /** What of it is at `x`. @default {its start} */
  anchor?: "middle" | "end";
  weight?: number;
  /** In pixels. @default {12} */
  size?: number;
  /** @default {TEXT} */
  color?: string;
}

/** A line of text. */
export function text(
  content: string,
  { x, y, anchor, weight, size, color = TEXT }: TextStyle,
): string {
  return `<text x="${px(x)}" y="${px(y)}" fill="${color}"` +
    (anchor ? ` text-anchor="${anchor}"` : "") +
    (weight ? ` font-weight="${weight}"` : "") +
    (size ? ` font-size="${size}"` : "") +
    `>${escape(content)}</text>\n`;
}

/** A place: a tenth of a pixel is enough, and keeps the file readable and its diffs small. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
