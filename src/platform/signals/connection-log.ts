// The lines of the log about a connection that comes and goes: one when it is lost, and one when it is there again.
import type { Logger } from "pino";

export class ConnectionLog {
  readonly #log: Logger;
  readonly #server: string;
  #isUp: boolean | undefined;

  /** `url` may have a password, which no line shows. */
  constructor(log: Logger, url: string) {
    this.#log = log;
    this.#server = new URL(url).host;
  }

  up(): void {
    if (this.#isUp === true) return;
    this.#log.info({ server: this.#server }, "signals are sent and received");
    this.#isUp = true;
  }

  down(error: unknown): void {
    if (this.#isUp === false) return;
    this.#log.warn(
      { server: this.#server, err: error },
      "signals are lost: updates of other processes come up to a second later",
    );
    this.#isUp = false;
  }
}
