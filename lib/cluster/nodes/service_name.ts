/** The name of a service: servers and worker machines of one name find each other. */

/** What it must be. */
export const SERVICE_FORM = "a name of letters, digits, - and _";

/** The service, where none is named. */
export const DEFAULT_SERVICE = "hsha";

/** Whether a text may be a service's name, which becomes a part of the bus's subjects. */
export function isServiceName(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}
