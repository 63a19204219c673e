/**
 * The colours of the charts in docs/, on a light page and on a dark one. Elements have the light ones as
 * attributes, for whatever knows no style sheet; the style sheet puts the dark ones in their place.
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
export function darkStyle(drawn: string): string {
  const rules = Object.entries(DARK).flatMap(([light, dark]) =>
    ["fill", "stroke"].filter((name) => drawn.includes(`${name}="${light}"`))
      .map((name) => `[${name}="${light}"]{${name}:${dark};}`)
  );
  return `<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>\n`;
}
