/** The handler of the live page's pictures: blocks for as many microseconds as the line says. */

/** Sleeps as long as the line says; zero is an error. */
export default function words(line: string): string {
  const micros = Number(line);
  if (micros === 0) throw new Error("there is no such word");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, micros / 1000);
  return line;
}
