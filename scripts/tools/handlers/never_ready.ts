/** A handler module that never finishes loading. */

await new Promise(() => {});

export default (line: string): string => line;
