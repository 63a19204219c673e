/** Test tool: a certificate for localhost, made for the test by openssl, where there is one. */

import { TemporaryFolder } from "../../scripts/tools/files.ts";

/** A certificate that is its own authority, its key, and the files that hold them. */
export class Certificate implements Disposable {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly #folder = new TemporaryFolder();

  constructor() {
    this.certFile = this.#folder.file("cert.pem");
    this.keyFile = this.#folder.file("key.pem");
    const { success, stderr } = openssl(
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ["-days", "2", "-subj", "/CN=localhost", "-addext", "basicConstraints=critical,CA:FALSE"],
      ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ["-keyout", this.keyFile, "-out", this.certFile],
    );
    if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
    this.cert = Deno.readTextFileSync(this.certFile);
    this.key = Deno.readTextFileSync(this.keyFile);
  }

  /** A file beside the certificate's, with this text. */
  file(name: string, text: string): string {
    const path = this.#folder.file(name);
    Deno.writeTextFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Whether this machine has openssl: without it no test can make a certificate. */
export const hasOpenssl: boolean = openssl(["version"]).success;

function openssl(...args: string[][]): { success: boolean; stderr: Uint8Array } {
  try {
    return new Deno.Command("openssl", { args: args.flat() }).outputSync();
  } catch {
    return { success: false, stderr: new Uint8Array() };
  }
}
