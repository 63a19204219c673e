/** What a handler may do on the machine, by Deno's own names; absent is no. */
export interface HandlerPermissions {
  /** Files and folders that it may read. */
  read?: boolean | string[];
  /** Files and folders that it may write. */
  write?: boolean | string[];
  /** Hosts that it may connect to or listen on, with or without a port. */
  net?: boolean | string[];
  /** Variables of the environment that it may read and set. */
  env?: boolean | string[];
  /** Programs that it may run. */
  run?: boolean | string[];
  /** What it may ask of the system, as Deno names it. */
  sys?: boolean | string[];
  /** Native libraries that it may load. */
  ffi?: boolean | string[];
}
