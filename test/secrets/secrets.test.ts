// The cases that handle a secret, and some of the others, are played on a server that logs everything. No secret of theirs is in a line of its log, in an answer beside the field
// that is there to give it, or in a row of the audit.
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import pg from "pg";
import type { Case, CaseFile } from "../../runner/cases/case.js";
import { caseChecks } from "../../runner/cases/case-checks.js";
import { Mailbox } from "../../runner/cases/mailbox.js";
import { Worker } from "../../runner/cases/worker.js";
import { Blocked, Skipped } from "../../runner/check.js";
import { Client, type Success } from "../../runner/client/client.js";
import type { Descriptors } from "../../runner/client/descriptors.js";
import { loadContract } from "../../src/contract/model/load.js";
import { allCases } from "../../suite/all-cases.js";
import { people } from "../../suite/people.js";
import { clientDescriptors } from "../support/client-descriptors.js";
import { temporaryFolder, testDatabase, type TestDatabase } from "../support/database.js";
import { end, serve, type Server } from "../support/program.js";
import { appoint } from "../support/server.js";
import { askForLink } from "./link-requests.js";
import { isSecretName, privateTextsIn, secretsIn, withoutSecrets } from "./secrets.js";
import { repeats } from "../support/numbers.js";

const secrets = new Set<string>();
/** What stands in no row of the audit beside them. */
const privateTexts = new Set<string>();

function note({ request, answer }: Success): void {
  for (const each of [...secretsIn(request), ...secretsIn(answer.body)]) secrets.add(each);
  for (const each of [...privateTextsIn(request), ...privateTextsIn(answer.body)]) privateTexts.add(each);
  // The value of a cookie is one secret, or several.
  const [, cookie = ""] = /^[^=]+=([^;]*)/.exec(answer.headers["set-cookie"] ?? "") ?? [];
  for (const each of cookie.split("~")) if (each.length >= 8) secrets.add(each);
}

/** A client whose successful calls are noted, also where somebody else looks at them. */
class WatchedClient extends Client {
  override withSuccessHook(onSuccess: (call: Success) => void): Client {
    return super.withSuccessHook((call) => {
      note(call);
      onSuccess(call);
    });
  }
}

/** The methods with a secret in their requests or answers. */
function secretMethods({ rpcs }: Descriptors): ReadonlySet<string> {
  const has = ({ fields }: DescMessage): boolean =>
    fields.some(({ name, message }) => isSecretName(name) || message?.fields.some((inner) => isSecretName(inner.name)));
  return new Set([...rpcs].flatMap(([name, { request, response }]) => (has(request) || has(response) ? [name] : [])));
}

/** The cases with a mail and those of one of these methods, and of the others every thirtieth; `make nightly` plays all. */
function someOf(files: readonly CaseFile[], methods: ReadonlySet<string>): CaseFile[] {
  let others = 0;
  const isChosen = (method: string, tested: Case): boolean => {
    const text = JSON.stringify(tested);
    return text.includes('"mailTo"') || methods.has(method) || others++ % 30 === 0;
  };
  return files.map((file) => ({
    ...file,
    cases: Object.fromEntries(
      Object.entries(file.cases).map(([method, cases]) => [
        method,
        Object.fromEntries(Object.entries(cases).filter(([, tested]) => isChosen(method, tested))),
      ]),
    ),
  }));
}

describe("secrets", function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let server: Server;
  let dataDir: string;
  const leaks: string[] = [];

  before(async () => {
    database = await testDatabase();
    dataDir = await temporaryFolder();
    server = await serve({
      env: {
        DATABASE_URL: database.url,
        DATA_DIR: dataDir,
        SECRET_KEY: "planted secret key of the server, to be found nowhere",
        REGISTRATION: "open",
        LOG_LEVEL: "trace",
        LOG_FORMAT: "json",
        SLOW_REQUEST_MS: "1",
        SLOW_QUERY_MS: "1",
      },
    });
    secrets.add("planted secret key of the server, to be found nowhere");
  });
  after(async () => {
    await end(server);
    await database.drop();
  });

  it("are given to whoever they are for, while cases are played", async () => {
    const client = new WatchedClient(server.url, await clientDescriptors(), {
      onMessage(_, message) {
        const text = JSON.stringify(withoutSecrets(message));
        for (const each of secrets) if (text.includes(each)) leaks.push(`${each} is in ${text}`);
      },
      onSuccess: note,
    });
    const worker = new Worker({
      enrolment: people,
      accounts: {
        teacher: await appoint(database.url, "ROLE_TEACHER", "planted password of a teacher"),
        admin: await appoint(database.url, "ROLE_SUPER_ADMIN", "planted password of an admin"),
      },
      isThrowaway: true,
      mailbox: new Mailbox(join(dataDir, "mail")),
      client: async (name) => (name === "" ? client : undefined),
    });
    const chosen = repeats(someOf(allCases, secretMethods(client.descriptors)), allCases);
    const checks = caseChecks(chosen, { codecs: ["json"], pairs: "three" });
    const failed: string[] = [];
    let played = 0;
    for (const check of checks)
      await check.run(worker).then(
        () => played++,
        (error: unknown) => {
          if (!(error instanceof Skipped || error instanceof Blocked))
            failed.push(`${check.path.join(" › ")}: ${String(error)}`);
        },
      );
    expect(failed).to.deep.equal([]);
    expect(played).to.be.above(checks.length / 2);
    expect(secrets.size).to.be.above(100);
    expect(leaks).to.deep.equal([]);
  });

  it("stand in no query, and in the path of links to files and calendars alone", () => {
    const { methods } = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));
    const placed = (fields: readonly string[], handler: string): string[] =>
      fields.filter(isSecretName).map((name) => `${handler}.${name}`);
    const inQuery = methods
      .filter(({ hasBody }) => !hasBody)
      .flatMap(({ request, pathFields, handler }) =>
        placed(
          Object.keys(request.fields).filter((name) => !pathFields.includes(name)),
          handler,
        ),
      );
    expect(inQuery).to.deep.equal([]);
    // Whoever adds one asks for it below, in every way.
    const inPath = methods.flatMap(({ pathFields, handler }) => placed(pathFields, handler));
    expect(inPath).to.deep.equal(["getCalendar.token", "getLinkedFileContent.token"]);
  });

  it("are logged in no way of asking for a link", async () => {
    const account = await appoint(database.url, "ROLE_TEACHER", "planted password of who makes links");
    const { tokens, statuses } = await askForLink({
      url: server.url,
      port: server.port,
      databaseUrl: database.url,
      dataDir,
      account,
    });
    for (const token of tokens) secrets.add(token);
    expect([...statuses.values()].join(" ")).to.equal(
      "200 200 416 405 204 404 200 404 404 404 400 404 200 200 405 404 404 404 400 404 400 500 500 410",
    );
    // Each has its line; some are those of an error, of a loss, and of slow requests.
    const lines = (id: string): string[] =>
      server
        .output()
        .split("\n")
        .filter((line) => line.includes(`"request_id":"${id}"`));
    for (const id of statuses.keys()) while (lines(id).length === 0) await setImmediate();
    expect(lines("link-error").join()).to.contain("fault of the server");
    expect([...statuses.keys()].flatMap(lines).join()).to.contain("slow request");
    expect(server.output()).to.contain("the content of a file is lost");
  });

  it("are in no line of the log", () => {
    const log = server.output();
    // It is a log of everything.
    expect(log).to.contain("sendMessage").and.to.contain("insert-message");
    expect([...secrets].filter((each) => log.includes(each))).to.deep.equal([]);
  });

  it("are in no row of the audit, or of anything else but in another form", async () => {
    const operator = new pg.Client({ connectionString: database.url });
    await operator.connect();
    const { rows: tables } = await operator.query<{ name: string }>(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    );
    const { rows: events } = await operator.query<{ row: string }>(
      "select to_jsonb(e)::text as row from audit_events e",
    );
    const audit = events.map(({ row }) => row).join("\n");
    expect(events.length).to.be.above(100);
    expect(privateTexts.size).to.be.above(100);
    expect([...privateTexts].filter((each) => audit.includes(each))).to.deep.equal([]);
    for (const { name } of tables) {
      const { rows } = await operator.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
      const text = rows.map(({ row }) => row).join("\n");
      expect(
        [...secrets].filter((each) => text.includes(each)),
        name,
      ).to.deep.equal([]);
    }
    await operator.end();
  });
});
