// What every run of the tests ends with.
import type { Context } from "mocha";
import { stopDatabases } from "./database.js";

export const mochaHooks = {
  async afterAll(this: Context): Promise<void> {
    this.timeout(30_000);
    await stopDatabases();
  },
};
