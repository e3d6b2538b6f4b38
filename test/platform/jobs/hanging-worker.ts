// A process that runs jobs whose task never ends, for a test that kills it: `hanging-worker.ts URL`.
import { pino } from "pino";
import { openDatabase } from "../../../src/platform/database/database.js";
import { startWorking } from "../../../src/platform/jobs/working.js";

const url = process.argv[2]!;
const log = pino({ level: "silent" });
const { database } = await openDatabase({ url, pool: 2, log });
const hang = {
  name: "test",
  run: () => new Promise<void>(() => process.stdout.write("taken\n")),
};
startWorking({ url, database, log, tasks: [hang], concurrency: 1 });
