/**
 * What a measuring run leaves behind, docs/howto/measured.json: single figures, and the points of
 * the charts. Pages and charts are made from it and from nothing else.
 */

/** A number and its unit; a count has none. */
export interface Figure {
  value: number;
  unit: string;
}

/** A point of a chart. */
export type Point = [x: number, y: number];

/** What one experiment found, under names that begin with the number of its step. */
export interface Findings {
  figures: Record<string, Figure>;
  series?: Record<string, Point[]>;
}

/** A whole run, and the machine it ran on. */
export interface Measured extends Required<Findings> {
  machine: string;
}

/** Prints a run with one figure and one series a line, so that a new run makes a readable diff. */
export function printMeasured({ machine, figures, series }: Measured): string {
  const figureRows = Object.entries(figures).sort().map(([name, { value, unit }]) =>
    `    "${name}": { "value": ${value}, "unit": "${unit}" }`
  );
  const seriesRows = Object.entries(series).sort().map(([name, points]) =>
    `    "${name}": "${points.join(" ")}"`
  );
  return `{\n  "machine": ${JSON.stringify(machine)},\n` +
    `  "figures": {\n${figureRows.join(",\n")}\n  },\n` +
    `  "series": {\n${seriesRows.join(",\n")}\n  }\n}\n`;
}

/** Reads what {@linkcode printMeasured} printed. */
export function parseMeasured(text: string): Measured {
  const { machine, figures, series } = JSON.parse(text);
  const entries = Object.entries<string>(series).map(([name, points]) => {
    return [name, points.split(" ").map((point) => point.split(",").map(Number))];
  });
  return { machine, figures, series: Object.fromEntries(entries) };
}

const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A figure as the pages print it: three digits are all that a short run can vouch for. */
export function printFigure({ value, unit }: Figure): string {
  return unit === "" ? COUNT.format(value) : `${NUMBER.format(value)} ${unit}`;
}

/** Rounds the points of a chart, which needs no more digits than a pixel can show. */
export function points(values: readonly Point[]): Point[] {
  return values.map(([x, y]) => [round(x), round(y)]);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
