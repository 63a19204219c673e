/**
 * Handlers of a given cost: steps of a computation, which keep the processor busy, or milliseconds of
 * blocking, which do not.
 */

/** What a job costs. */
export interface JobOptions {
  /** Steps of computing. @default {0} */
  steps?: number;
  /** Milliseconds for which its thread blocks. @default {0} */
  blockMillis?: number;
}

/** A handler module, removed when it goes out of scope. */
export interface Job extends AsyncDisposable {
  file: string;
}

/**
 * Sixty-four steps in a function of their own: it is called so often that V8 compiles it well,
 * whichever loop calls it. A loop in the handler itself does not run equally fast everywhere.
 */
const WORK = `function work(x) {
  for (let step = 0; step < 64; step++) x = Math.imul(x, 1664525) + 1013904223 | 0;
  return x;
}`;
const LOOP = "for (let done = 0; done < steps; done += 64) x = work(x);";

/** Steps of one calibration, and how many there are. */
const CALIBRATION = 1_000_000;
const CALIBRATIONS = 15;

/** Writes a handler that echoes a line at this cost. */
export async function makeJob({ steps = 0, blockMillis = 0 }: JobOptions): Promise<Job> {
  const file = await Deno.makeTempFile({ prefix: "hsha_job_", suffix: ".js" });
  const block = blockMillis > 0 ? `Atomics.wait(bell, 0, 0, ${blockMillis});` : "";
  await Deno.writeTextFile(
    file,
    `const bell = new Int32Array(new SharedArrayBuffer(4));
const steps = ${Math.round(steps)};
${WORK}
const seed = new Int32Array(1); // a plain variable would have V8 compile anew when it grows
export default (line, { workerId }) => {
  let x = seed[0];
  ${LOOP}
  seed[0] = x; // so that the compiler keeps the loop
  ${block}
  return \`\${workerId} \${line}\`;
};
`,
  );
  return { file, [Symbol.asyncDispose]: () => Deno.remove(file) };
}

/** Nanoseconds that a step takes on this machine now. */
export function nanosPerStep(): number {
  const run = new Function("steps", `${WORK} let x = 1; ${LOOP} return x;`) as (
    steps: number,
  ) => number;
  const times = Array.from({ length: CALIBRATIONS }, () => {
    const begun = performance.now();
    run(CALIBRATION);
    return performance.now() - begun;
  });
  return Math.min(...times) * 1e6 / CALIBRATION;
}
