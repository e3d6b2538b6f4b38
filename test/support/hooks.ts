// What happens at the end of a run of mocha, whether it has one process or workers. Nothing is stopped before: neither a file
// nor a worker can know whether another file follows in its process.
import { removeLeftovers, stopDatabases } from "./database.js";

/** Runs once, in the main process, after all files; workers have ended by then, and their Postgres with them. */
export async function mochaGlobalTeardown(): Promise<void> {
  await stopDatabases();
  await removeLeftovers();
}
