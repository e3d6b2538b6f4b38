import { createServer as createTcpServer } from "node:net";
import { readdir, readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { pino } from "pino";
import { SMTPServer } from "smtp-server";
import { startWorking } from "../../../src/platform/jobs/working.js";
import { type MailSettings, type OpenedMailer, openMailer } from "../../../src/platform/mail/open-mailer.js";
import { log as silentLog, openSchool, type School } from "../../support/call-as.js";
import { temporaryFolder } from "../../support/database.js";

const settings: MailSettings = {
  environment: "production",
  dataDir: "",
  smtpUrl: undefined,
  mailFrom: { name: "Lyceum", address: "no-reply@school.example" },
};
const masha = { name: "Мария Иванова", address: "masha@example.org" };
const hello = { to: masha, subject: "Hello", text: "a secret text\n" };

/** A log, and the lines that it has written. */
function logOf(): { log: pino.Logger; lines: string[]; line(part: string): Promise<void> } {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const log = pino({ base: null }, { write: (line: string) => (lines.push(line), waiting.forEach((look) => look())) });
  return {
    log,
    lines,
    line: (part) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!lines.some((line) => line.includes(part))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

interface Received {
  readonly from: string;
  readonly to: string[];
  readonly source: string;
}

/** A mail server of this process, and the mails that it has received. */
async function mailServer(answer: () => Error | undefined = () => undefined) {
  const mails: Received[] = [];
  let arrived: (() => void) | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const error = answer();
        if (!error) {
          const from = envelope.mailFrom ? envelope.mailFrom.address : "";
          mails.push({
            from,
            to: envelope.rcptTo.map(({ address }) => address),
            source: Buffer.concat(parts).toString(),
          });
          arrived?.();
        }
        done(error);
      });
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    /** Resolves when so many mails have arrived. */
    async count(number: number): Promise<void> {
      while (mails.length < number) await new Promise<void>((resolve) => (arrived = resolve));
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** The headers of a mail, unfolded and decoded. */
function headersOf({ source }: Received): ReadonlyMap<string, string> {
  const head = source.slice(0, source.indexOf("\r\n\r\n")).replaceAll(/\r\n[ \t]+/g, " ");
  const decoded = (value: string): string =>
    value.replaceAll(/\?=\s+=\?/g, "?==?").replaceAll(/=\?utf-8\?(b|q)\?(.*?)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === "b"
        ? Buffer.from(text, "base64").toString()
        : Buffer.from(
            text
              .replaceAll("_", " ")
              .replaceAll(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            "latin1",
          ).toString(),
    );
  return new Map(
    head
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), decoded(line.slice(line.indexOf(":") + 2))]),
  );
}

const key = Buffer.alloc(32, 7);

describe("mail", function () {
  this.timeout(30_000);
  let school: School;
  const opened: { close(): unknown }[] = [];
  before(async () => (school = await openSchool()));
  after(() => school.close());
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    await school.sql("delete from graphile_worker._private_jobs");
  });

  /** A mailer of a process, which delivers unless it is told not to. */
  function open(
    changes: Partial<MailSettings>,
    log = silentLog,
    { stepMs = 10_000, isWorking = true } = {},
  ): OpenedMailer {
    const mailer = openMailer({ ...settings, ...changes }, key, log, { stepMs });
    const { url, database } = school;
    opened.push(mailer);
    if (isWorking)
      opened.unshift(startWorking({ url, database, log, tasks: [mailer.task], concurrency: 2, pollMs: 50 }));
    return mailer;
  }
  const jobs = () =>
    school.sql<{ payload: object; last_error: string | undefined; attempts: number; is_dead: boolean }>(
      "select payload, last_error, attempts, attempts >= max_attempts as is_dead from graphile_worker._private_jobs where locked_at is null",
    );
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let left = 1_000; !(await holds()); left--) {
      if (left === 0) throw new Error("it has not come");
      await delay(10);
    }
  }
  const failed = (error: string) => until(async () => (await jobs())[0]?.last_error === `MailFailed ${error}`);
  async function freePort(): Promise<number> {
    const free = createTcpServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    return port;
  }

  it("goes to the mail server, with a name and a subject in any script", async () => {
    const server = await mailServer();
    const mailer = open({ smtpUrl: server.url });
    const to = { name: "Мария Иванова", address: "маша@пример.рф" };
    await mailer.send(school.database, [{ to, subject: "Привет 👋", text: "Ёлка\n" }]);
    await server.count(1);
    const [mail] = server.mails;
    expect(mailer.isOn).to.equal(true);
    expect(mail!.from).to.equal("no-reply@school.example");
    expect(mail!.to).to.deep.equal(["маша@пример.рф"]);
    expect(headersOf(mail!).get("subject")).to.equal("Привет 👋");
    expect(headersOf(mail!).get("to")).to.contain("Мария Иванова");
    expect(headersOf(mail!).get("auto-submitted")).to.equal("auto-generated");
    await until(async () => (await jobs()).length === 0);
    await server.close();
  });

  for (const part of [
    "\r\nBcc: evil@example.com",
    "\nTo: evil@example.com",
    "\r\n\r\nanother text",
    ", evil@example.com",
    '" <evil@example.com>',
  ])
    it(`has no other header or recipient by ${JSON.stringify(part)} in a name or a subject`, async () => {
      const server = await mailServer();
      const to = { name: `Masha${part}`, address: "masha@example.org" };
      await open({ smtpUrl: server.url }).send(school.database, [{ to, subject: `Hello${part}`, text: "text" }]);
      await server.count(1);
      const [mail] = server.mails;
      expect(mail!.to).to.deep.equal(["masha@example.org"]);
      expect([...headersOf(mail!).keys()].sort()).to.deep.equal([
        "auto-submitted",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
      ]);
      expect(mail!.source.slice(mail!.source.indexOf("\r\n\r\n")).trim()).to.equal("text");
      await server.close();
    });

  it("is encrypted while it waits, is not there when its transaction is rolled back, and is sent by another process", async () => {
    const server = await mailServer();
    const mailer = open({ smtpUrl: server.url }, silentLog, { isWorking: false });
    const failing = school.database.transaction(async (queries) => {
      await mailer.send(queries, [hello]);
      throw new Error("rolled back");
    });
    expect(await failing.catch(String)).to.equal("Error: rolled back");
    expect(await jobs()).to.deep.equal([]);
    await mailer.send(school.database, [hello, { ...hello, subject: "Second" }]);
    const waiting = JSON.stringify(await jobs());
    for (const part of ["masha", "Hello", "secret"]) {
      expect(waiting).to.not.contain(part);
      expect(Buffer.from(waiting, "base64").toString("latin1")).to.not.contain(part);
    }
    open({ smtpUrl: server.url });
    await server.count(2);
    await until(async () => (await jobs()).length === 0);
    await server.close();
  });

  it("to one person comes before mail to many", async () => {
    const server = await mailServer();
    const mailer = open({ smtpUrl: server.url }, silentLog, { isWorking: false });
    await mailer.send(
      school.database,
      Array.from({ length: 20 }, () => hello),
      { isBulk: true },
    );
    await mailer.send(school.database, [{ ...hello, subject: "Urgent" }]);
    open({ smtpUrl: server.url });
    await server.count(3);
    expect(server.mails.slice(0, 3).map((mail) => headersOf(mail).get("subject"))).to.include("Urgent");
    await server.count(21);
    await server.close();
  });

  it("is tried again when the mail server fails, and not when it refuses it for good", async () => {
    let tries = 0;
    const server = await mailServer(() =>
      ++tries < 2 ? Object.assign(new Error("later"), { responseCode: 451 }) : undefined,
    );
    await open({ smtpUrl: server.url }).send(school.database, [hello]);
    await failed("EMESSAGE 451 DATA");
    await server.count(1);
    expect(tries).to.equal(2);
    await server.close();
    for (const each of opened.splice(0)) await each.close();

    const refusing = await mailServer(
      () => (tries++, Object.assign(new Error(`no ${masha.address} here`), { responseCode: 550 })),
    );
    const refused = logOf();
    tries = 0;
    await open({ smtpUrl: refusing.url }, refused.log).send(school.database, [hello]);
    await refused.line("a job is dead");
    expect(tries).to.equal(1);
    expect((await jobs())[0]).to.include({ is_dead: true, last_error: "MailFailed EMESSAGE 550 DATA" });
    expect(refused.lines.join("")).to.contain("550").and.not.contain("it is run again");
    expect(refused.lines.join("")).to.not.contain("masha").and.not.contain("secret").and.not.contain("Hello");
    await refusing.close();
  });

  it("is kept where nothing listens, without its text in the log, and sent when there is a server", async () => {
    const port = await freePort();
    const { log, lines } = logOf();
    await open({ smtpUrl: `smtp://127.0.0.1:${port}` }, log).send(school.database, [hello]);
    await failed("ESOCKET CONN");
    expect(lines.join("")).to.contain("ESOCKET");
    expect(lines.join("")).to.not.contain("masha").and.not.contain("secret").and.not.contain("Hello");
    for (const each of opened.splice(0)) await each.close();
    const server = await mailServer();
    open({ smtpUrl: server.url });
    await server.count(1);
    await server.close();
  });

  it("does not wait for a mail server that says nothing", async () => {
    const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    await open({ smtpUrl: `smtp://127.0.0.1:${port}` }, silentLog, { stepMs: 50 }).send(school.database, [hello]);
    await failed("ETIMEDOUT CONN");
    silent.close();
  });

  it("that was encrypted with another key is dead", async () => {
    const other = openMailer({ ...settings, smtpUrl: "smtp://127.0.0.1:1" }, Buffer.alloc(32, 8), silentLog);
    await other.send(school.database, [hello]);
    open({ smtpUrl: "smtp://127.0.0.1:1" });
    await failed("UNREADABLE");
    expect((await jobs())[0]).to.include({ is_dead: true, attempts: 36 });
  });

  it("of a development server is a file for each, which its owner alone can read", async () => {
    const dataDir = await temporaryFolder();
    const { log, lines } = logOf();
    const mailer = open({ environment: "development", dataDir }, log);
    const folder = join(dataDir, "mail");
    const files = async () => (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith("."));
    await mailer.send(school.database, [{ ...hello, to: { ...masha, name: "Мария\nBcc: evil@example.com" } }]);
    await until(async () => (await files()).length === 1);
    await mailer.send(school.database, [{ ...hello, subject: "Second" }]);
    await until(async () => (await files()).length === 2);
    const names = (await files()).sort();
    expect(await readFile(join(folder, names[0]!), "utf8")).to.equal(
      "To: Мария Bcc: evil@example.com <masha@example.org>\nSubject: Hello\n\na secret text\n\n",
    );
    expect(await readFile(join(folder, names[1]!), "utf8")).to.contain("Subject: Second\n");
    expect((await stat(join(folder, names[0]!))).mode & 0o777).to.equal(0o600);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    expect(lines.filter((line) => line.includes("SMTP_URL is not set"))).to.have.length(1);
  });

  it("of a production server without a mail server is off", async () => {
    const { log, lines } = logOf();
    const mailer = open({}, log, { isWorking: false });
    await mailer.send(school.database, [hello]);
    expect(mailer.isOn).to.equal(false);
    expect(await jobs()).to.deep.equal([]);
    expect(lines.join("")).to.contain("mail is off").and.not.contain("masha").and.not.contain("secret");
  });
});
