/**
 * A program for one test: prints whether a worker starts with each of the permissions of its argument,
 * a list of `[name, values]`.
 */

const grants: [permission: string, texts: string[]][] = JSON.parse(Deno.args[0]);

function starts(permissions: Deno.PermissionOptionsObject): boolean {
  try {
    new Worker("data:text/javascript,", { type: "module", deno: { permissions } }).terminate();
    return true;
  } catch {
    return false;
  }
}

console.log(JSON.stringify(
  grants.map(([permission, texts]) => texts.map((text) => starts({ [permission]: [text] }))),
));
