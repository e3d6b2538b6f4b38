// What happens at the end of a test run, of mocha in one process and of its parallel workers.
import type { Context } from "mocha";
import { removeLeftovers, stopDatabases } from "./database.js";

export const mochaHooks = {
  async afterAll(this: Context): Promise<void> {
    // In a worker of `mocha --parallel` this runs after each file. Databases and servers are kept for the next file there:
    // they end with the worker's process.
    if (process.env["MOCHA_WORKER_ID"] !== undefined) return;
    this.timeout(30_000);
    await stopDatabases();
  },
};

/** Runs in the main process, after all workers have ended. */
export async function mochaGlobalTeardown(): Promise<void> {
  await removeLeftovers();
}
