/** What the flags `--allow-…` grant a handler. */

import type { HandlerPermissions } from "../half_sync/permissions.ts";
import { PERMISSION_NAMES } from "../option_table.ts";
import { type PermissionFlag, permissionFlag } from "./serve_table.ts";

/** The grants among the options of a command. */
export function grantsOf(
  given: { readonly [K in PermissionFlag]?: boolean | string[] },
): HandlerPermissions {
  return Object.fromEntries(PERMISSION_NAMES.map((name) => [name, given[permissionFlag(name)]]));
}
