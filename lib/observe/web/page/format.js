/** How numbers, times and sizes are written on the page. */

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const three = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** A count: all digits. */
export const count = (value) => whole.format(value);

/** A rate: tenths where it is small, so that a little is not written as nothing; else three digits. */
export function rate(value) {
  if (value < 10) return tenths.format(value);
  return value < 10_000 ? whole.format(value) : short.format(value);
}

/** A noun with its number. */
export const some = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A time in the unit that suits it. */
export function time(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1e-3) return `${three.format(seconds * 1e6)} µs`;
  if (seconds < 1) return `${three.format(seconds * 1e3)} ms`;
  return `${three.format(seconds)} s`;
}

/** A long time, in whole seconds, minutes, hours or days. */
export function span(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A size in the unit that suits it. */
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1024;
  return `${three.format(value)} ${units[unit]}`;
}

/** The time of day at a moment in milliseconds since 1970. */
export const clock = (at) => new Date(at).toLocaleTimeString("en-GB");
