import { createServer as createTcpServer } from "node:net";
import { readdir, readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { expect } from "chai";
import { pino } from "pino";
import { SMTPServer } from "smtp-server";
import { type MailSettings, openMailer } from "../../../src/platform/mail/open-mailer.js";
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

describe("mail", () => {
  it("goes to the mail server, with a name and a subject in any script", async () => {
    const server = await mailServer();
    const { log } = logOf();
    const mailer = openMailer({ ...settings, smtpUrl: server.url }, log);
    mailer.send({ to: { name: "Мария Иванова", address: "маша@пример.рф" }, subject: "Привет 👋", text: "Ёлка\n" });
    await server.count(1);
    const [mail] = server.mails;
    expect(mailer.isOn).to.equal(true);
    expect(mail!.from).to.equal("no-reply@school.example");
    expect(mail!.to).to.deep.equal(["маша@пример.рф"]);
    expect(headersOf(mail!).get("subject")).to.equal("Привет 👋");
    expect(headersOf(mail!).get("to")).to.contain("Мария Иванова");
    expect(headersOf(mail!).get("auto-submitted")).to.equal("auto-generated");
    await mailer.close();
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
      const mailer = openMailer({ ...settings, smtpUrl: server.url }, logOf().log);
      mailer.send({
        to: { name: `Masha${part}`, address: "masha@example.org" },
        subject: `Hello${part}`,
        text: "text",
      });
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
      await mailer.close();
      await server.close();
    });

  it("is tried again when the mail server fails, and not when it refuses it for good", async () => {
    let tries = 0;
    const server = await mailServer(() =>
      ++tries < 3 ? Object.assign(new Error("later"), { responseCode: 451 }) : undefined,
    );
    const { log, lines } = logOf();
    const mailer = openMailer({ ...settings, smtpUrl: server.url }, log, { retryMs: [5, 5, 5] });
    mailer.send(hello);
    await server.count(1);
    expect(tries).to.equal(3);
    expect(lines.filter((line) => line.includes("tried again"))).to.have.length(2);
    await mailer.close();
    await server.close();

    const refusing = await mailServer(
      () => (tries++, Object.assign(new Error(`no ${masha.address} here`), { responseCode: 550 })),
    );
    const refused = logOf();
    const other = openMailer({ ...settings, smtpUrl: refusing.url }, refused.log, { retryMs: [5, 5, 5] });
    tries = 0;
    other.send(hello);
    await refused.line("a mail could not be sent");
    expect(tries).to.equal(1);
    expect(refused.lines.join("")).to.contain("550").and.not.contain("tried again");
    expect(refused.lines.join("")).to.not.contain("masha").and.not.contain("secret").and.not.contain("Hello");
    await other.close();
    await refusing.close();
  });

  it("is given up after the last try where nothing listens, without its text in the log", async () => {
    const free = createTcpServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { log, lines, line } = logOf();
    const mailer = openMailer({ ...settings, smtpUrl: `smtp://127.0.0.1:${port}` }, log, { retryMs: [1, 1] });
    mailer.send(hello);
    await line('a mail could not be sent"');
    expect(lines.join("")).to.contain('"try":3').and.contain("ESOCKET");
    expect(lines.join("")).to.not.contain("masha").and.not.contain("secret").and.not.contain("Hello");
    await mailer.close();
  });

  it("does not wait for a mail server that says nothing", async () => {
    const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const { log, line } = logOf();
    const mailer = openMailer({ ...settings, smtpUrl: `smtp://127.0.0.1:${port}` }, log, { retryMs: [], stepMs: 50 });
    mailer.send(hello);
    await line("ETIMEDOUT");
    await mailer.close();
    await new Promise((resolve) => (silent.close(resolve), silent.unref()));
  }).timeout(10_000);

  it("that is not sent at the end is counted in the log, and the end does not wait for it", async () => {
    const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { log, lines } = logOf();
    const { port } = silent.address() as AddressInfo;
    const mailer = openMailer({ ...settings, smtpUrl: `smtp://127.0.0.1:${port}` }, log, { endMs: 20, longest: 3 });
    for (let sent = 0; sent < 6; sent += 1) mailer.send(hello);
    expect(lines.filter((line) => line.includes("too many are waiting"))).to.have.length(1);
    await mailer.close();
    expect(lines.join("")).to.contain('"lost":5');
    silent.close();
  });

  it("of a development server is a file for each, which its owner alone can read", async () => {
    const dataDir = await temporaryFolder();
    const { log, lines } = logOf();
    const mailer = openMailer({ ...settings, environment: "development", dataDir }, log);
    mailer.send({ ...hello, to: { ...masha, name: "Мария\nBcc: evil@example.com" } });
    mailer.send({ ...hello, subject: "Second" });
    await mailer.close();
    const folder = join(dataDir, "mail");
    const names = (await readdir(folder)).sort();
    expect(names).to.have.length(2);
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
    const mailer = openMailer(settings, log);
    mailer.send(hello);
    expect(mailer.isOn).to.equal(false);
    expect(lines.join("")).to.contain("mail is off").and.not.contain("masha").and.not.contain("secret");
    await mailer.close();
  });
});
