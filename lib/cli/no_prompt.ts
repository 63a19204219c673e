/**
 * Keeps Deno from asking the person at the terminal for permissions. It would ask from within the worker for
 * what a handler was not granted, and hold standard error meanwhile: the server would stand still.
 */

/** The C library, under the loader's name for it. */
const LIBC: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "libSystem.dylib",
};

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const STDIN = 0;
const O_RDONLY = 0;

/**
 * Takes standard input from the terminal, for a program that does not read it: from then on a
 * request without a grant is refused at once. Ctrl-C still works.
 *
 * Deno asks if descriptors 0 and 2 are terminals at the time of the request; no function of its own changes
 * that. Without the C library everything stays as it is.
 */
export function preventPrompts(): void {
  const library = LIBC[Deno.build.os];
  if (library === undefined || !Deno.stdin.isTerminal()) return;
  // Without this permission, loading the library would itself make Deno ask.
  const { state } = Deno.permissions.querySync({ name: "ffi", path: library });
  if (state !== "granted") return;
  try {
    const libc = Deno.dlopen(library, SYMBOLS);
    replaceStdin(libc.symbols);
    libc.close();
  } catch {
    // there is no such library here
  }
}

function replaceStdin({ open, dup2, close }: Deno.StaticForeignLibraryInterface<typeof SYMBOLS>) {
  const nothing = open(new TextEncoder().encode("/dev/null\0"), O_RDONLY);
  if (nothing < 0) return;
  dup2(nothing, STDIN);
  close(nothing);
}
