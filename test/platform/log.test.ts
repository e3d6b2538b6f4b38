// The lines of the log, and the fields of an error in them. The log of a whole session: test/resilience/log.test.ts.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { openLog } from "../../src/platform/log.js";
import { OperatorError } from "../../src/platform/operator-error.js";
import { temporaryFolder, testDatabase } from "../support/database.js";

type Line = Record<string, unknown>;

/** The lines that `write` has logged, of all levels, and the text of the file. */
async function written(
  format: "json" | "text",
  write: (log: ReturnType<typeof openLog>["logger"]) => void,
): Promise<{ text: string; lines: Line[] }> {
  const file = join(await temporaryFolder(), "below", "app.log");
  const { logger, close } = openLog({ level: "trace", format, file });
  write(logger);
  await close();
  const text = await readFile(file, "utf8");
  const lines =
    format === "json"
      ? text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Line)
      : [];
  return { text, lines };
}

describe("the lines of the log", function () {
  this.timeout(20_000);

  it("have a timestamp, a level, a logger, a message and the given fields, and no other", async () => {
    const { lines } = await written("json", (log) => log.child({ logger: "test" }).info({ count: 1 }, "hello"));
    const [line] = lines;
    expect(line).to.have.keys("timestamp", "level", "logger", "message", "count");
    expect(line).to.include({ level: "info", logger: "test", message: "hello", count: 1 });
    expect(line!["timestamp"]).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("have the date in a text file", async () => {
    const { text } = await written("text", (log) => log.child({ logger: "test" }).warn({ count: 1 }, "hello"));
    expect(text).to.match(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] WARN: test: hello \{"count":1\}\n$/);
  });

  it("are one for each call, whatever their contents", async () => {
    const forged = 'first\n{"level":"fatal"}\r\u2028second';
    const { text, lines } = await written("json", (log) => log.info({ forged }, forged));
    expect(text.trim().split("\n")).to.have.length(1);
    expect(lines[0]).to.include({ level: "info", forged });
    const { text: asText } = await written("text", (log) => log.child({ logger: "test" }).info({ forged }, "hello"));
    expect(asText.trim().split("\n")).to.have.length(1);
  });

  it("have the fields of an error and of its cause, and the type of a thrown value that is no error", async () => {
    const error = new Error("outer", { cause: new RangeError("inner") });
    const { lines } = await written("json", (log) => {
      log.error({ err: error }, "failed");
      log.error({ err: "password" }, "failed");
    });
    expect(lines[0]!["err"]).to.deep.include({ type: "Error", message: "outer" });
    expect(lines[0]!["err"]).to.have.nested.property("cause.message", "inner");
    expect(lines[0]!["err"]).to.have.property("stack").that.includes("log.test.ts");
    expect(lines[1]!["err"]).to.deep.equal({ type: "string" });
  });

  it("have no value of the rows and parameters in Postgres's errors", async () => {
    const secret = "a secret of 1984";
    const { url, drop } = await testDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("create temporary table kept (word text primary key, pair text unique check (pair <> word))");
    await client.query("insert into kept values ($1, 'other')", [secret]);
    const errors: unknown[] = [];
    for (const text of [
      "insert into kept values ($1, 'another')",
      "insert into kept values ('x' || $1, 'x' || $1)",
      "select $1::text::bigint",
      "select $1::text::timestamptz",
      "select $1::text::jsonb",
      "select 1 where 'x' ~ ('(' || $1)",
    ]) {
      await client.query(text, [secret]).catch((error: unknown) => errors.push(error));
    }
    await client.end();
    await drop();
    expect(errors).to.have.length(6);
    expect(errors.map((error) => JSON.stringify(error) + String(error)).join()).to.include(secret);

    for (const format of ["json", "text"] as const) {
      const { text, lines } = await written(format, (log) =>
        errors.forEach((error) => log.error({ err: new Error("outer", { cause: error }) }, "failed")),
      );
      expect(text).not.to.include(secret).and.not.include("1984");
      for (const { err } of lines) expect(err).to.have.nested.property("cause.code").that.matches(/^2/);
    }
  });
});

describe("a log that cannot be written", () => {
  it("fails with a sentence that names the variable", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "folder"));
    await writeFile(join(folder, "file"), "");
    for (const file of [join(folder, "folder"), join(folder, "file", "app.log"), "/proc/lyceum/app.log"]) {
      const open = (): unknown => openLog({ level: "info", format: "json", file });
      expect(open, file).to.throw(
        OperatorError,
        new RegExp(`^The log cannot be written to ${file} \\(\\w+\\): set LOG_FILE`),
      );
    }
  });
});
