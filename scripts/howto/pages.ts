/**
 * What keeps the pages of docs/howto true: their programs are put in from the files, their figures
 * from the measuring run. A comment before a fence names its program; a figure is a link to
 * measured.json whose title names the figure.
 */

import { type Measured, parseMeasured, printFigure } from "./measured.ts";

/** Where the pages, the programs and the charts are. */
export const HOWTO = new URL("../../docs/howto/", import.meta.url);

/** The file of the last measuring run. */
export const MEASURED = new URL("measured.json", HOWTO);

/** The sections of every step's page, in their order. */
export const SECTIONS = ["The idea", "The program", "Run it", "What it leaves", "The role"];

const PROGRAM = /^<!-- program: (\S+) -->\n\n```(ts|py)\n.*?^```$/gms;
const FIGURE = /\[[^\]]*\]\(measured\.json "([^"]+)"\)/g;

/** What goes into pages. */
export interface Sources {
  /** The text of a program's file. */
  program(name: string): string;
  measured: Measured;
}

/**
 * Puts programs and figures into a page, in place of what stands at their markers.
 *
 * @throws {RangeError} If a marker names a figure that was not measured.
 */
export function fillPage(page: string, { program, measured }: Sources): string {
  return page
    .replaceAll(PROGRAM, (_, name: string, language: string) => {
      return `<!-- program: ${name} -->\n\n\`\`\`${language}\n${program(name)}\`\`\``;
    })
    .replaceAll(FIGURE, (_, name: string) => {
      const figure = measured.figures[name];
      if (name !== "machine" && !figure) throw new RangeError(`"${name}" was not measured`);
      return `[${figure ? printFigure(figure) : measured.machine}](measured.json "${name}")`;
    });
}

/** The names of the pages, those of the folders last: `twisted/README.md`. */
export function pageNames(): string[] {
  const names = (folder: URL) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const isPage = (name: string) => name.endsWith(".md");
  const folders = names(HOWTO).filter((name) => Deno.statSync(new URL(name, HOWTO)).isDirectory);
  const below = folders.flatMap((folder) =>
    names(new URL(`${folder}/`, HOWTO)).filter(isPage).map((name) => `${folder}/${name}`)
  );
  return [...names(HOWTO).filter(isPage), ...below];
}

/** What is on disk to put into pages. */
export function sourcesOnDisk(): Sources {
  return {
    program: (name) => Deno.readTextFileSync(new URL(name, HOWTO)),
    measured: parseMeasured(Deno.readTextFileSync(MEASURED)),
  };
}
