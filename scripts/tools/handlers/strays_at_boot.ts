/** A handler module that loads, and then throws from timers that it has set meanwhile. */

for (const delay of [0, 0, 1, 2, 5, 10]) {
  setTimeout(() => {
    throw new Error("a timer of the module");
  }, delay);
}
Promise.reject(new Error("a rejection of the module"));

export default (line: string, { workerId }: { workerId: number }): string => `${workerId} ${line}`;
