/** A worker's last message: its handler may dispose of what it has, and answers when it has. */
export class Farewell {
  #promise: Promise<void> | undefined;
  #end = () => {};

  /** Whether it has been said. */
  get said(): boolean {
    return this.#promise !== undefined;
  }

  /** Says it, once. Resolves when it has been answered, or `seconds` later. */
  say(post: () => void, seconds: number): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
      post();
    });
    return this.#promise;
  }

  /** It has been answered, or never will be. */
  end(): void {
    this.#end();
  }
}
