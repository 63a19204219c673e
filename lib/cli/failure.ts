/** What goes wrong while a command runs, without a fault of this program: one sentence for the user. */

/** Such a failure: its message is the sentence, and the exit code 1. */
export class Failure extends Error {
  override name = "Failure";
}
