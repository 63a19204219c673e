/** The permissions of a Web Worker that may do nothing; what it is granted is put on top. */
export const NO_PERMISSIONS = {
  read: false,
  write: false,
  net: false,
  env: false,
  run: false,
  sys: false,
  ffi: false,
  import: false,
} as const;
