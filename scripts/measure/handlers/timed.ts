// Handler for scripts/measure: `block MS …` blocks its worker for so many milliseconds, as a call
// to a database would, and tells when it began and ended; any other line is echoed.
const now = () => performance.timeOrigin + performance.now();
const bell = new Int32Array(new SharedArrayBuffer(4));

export default (line: string, { workerId }: { workerId: number }): string => {
  if (!line.startsWith("block ")) return `${workerId} ${line}`;
  const begun = now();
  Atomics.wait(bell, 0, 0, Number(line.split(" ")[1]));
  return `${workerId} ${line} ${begun} ${now()}`;
};
