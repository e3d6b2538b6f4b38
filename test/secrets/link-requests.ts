// Requests with the token of a link in their path, so that each kind of line that the log can have is written with one.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";

/** Where the links are, and whose server it is. */
export interface LinkSite {
  readonly url: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly account: { readonly email: string; readonly password: string };
}

/** What was asked: by the id that the log has, the status of the answer. */
export interface Asked {
  readonly tokens: readonly string[];
  readonly statuses: ReadonlyMap<string, number>;
}

/**
 * Makes a link to a file and one to a calendar, and asks for them in every way: well, in vain, by other verbs, at paths around it, by a head that cannot be read, slowly,
 * while the database fails, and after its content was lost.
 */
export async function askForLink({ url, port, databaseUrl, dataDir, account }: LinkSite): Promise<Asked> {
  const call = async (path: string, body: object | Buffer, bearer = ""): Promise<Record<string, string>> => {
    const isFile = Buffer.isBuffer(body);
    const answer = await fetch(url + path, {
      method: "POST",
      headers: {
        "content-type": isFile ? "application/octet-stream" : "application/json",
        ...(bearer !== "" && { authorization: `Bearer ${bearer}` }),
      },
      body: isFile ? new Uint8Array(body) : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const { access_token } = await call("/v1/auth/login", account);
  const file = await call("/v1/files", randomBytes(64), access_token);
  const link = await call(`/v1/files/${file["id"]}/link`, {}, access_token);
  const { pathname } = new URL(link["url"]!);
  const token = pathname.split("/").at(-1)!;
  const calendar = new URL((await call("/v1/calendar-link", {}, access_token))["url"]!).pathname;

  const statuses = new Map<string, number>();
  const ask = async (id: string, path = pathname, init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(url + path, { ...init, headers: { ...init.headers, "x-request-id": id } });
    await answer.arrayBuffer();
    statuses.set(id, answer.status);
  };
  await ask("link-good");
  await ask("link-head", pathname, { method: "HEAD" });
  await ask("link-part", pathname, { headers: { range: "bytes=900-" } });
  await ask("link-verb", pathname, { method: "POST" });
  await ask("link-options", pathname, { method: "OPTIONS" });
  await ask("link-forged", `${pathname.slice(0, -1)}%2e${token}`);
  for (const [id, path] of Object.entries({
    "link-slash": `${pathname}/`,
    "link-below": `${pathname}/more`,
    "link-twice": `/v1//linked-files/${token}`,
    "link-nowhere": `/linked-file/${token}`,
    "link-encoding": `${pathname}%zz`,
    "link-query": `/v1/linked-files?token=${token}`,
  }))
    await ask(id, path);
  await ask("calendar-good", calendar);
  await ask("calendar-head", calendar, { method: "HEAD" });
  await ask("calendar-verb", calendar, { method: "POST" });
  for (const [id, path] of Object.entries({
    "calendar-forged": `${calendar}${calendar.at(-5)}`,
    "calendar-below": `${calendar}/more`,
    "calendar-nowhere": calendar.replace("calendars", "calender"),
    "calendar-encoding": `${calendar}%zz`,
    "calendar-query": `/v1/calendars?token=${calendar.split("/").at(-1)}`,
  }))
    await ask(id, path);
  const refused = await raw(port, `GET ${pathname} HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n`);
  statuses.set(/x-request-id: (\S+)/i.exec(refused)![1]!, Number(refused.split(" ")[1]));

  const operator = new pg.Client({ connectionString: databaseUrl });
  await operator.connect();
  try {
    await operator.query("alter table files rename to files_away");
    await ask("link-error");
    await operator.query("alter table files_away rename to files");
    await operator.query("alter table calendar_links rename to calendar_links_away");
    await ask("calendar-error", calendar);
    await operator.query("alter table calendar_links_away rename to calendar_links");
    const key = file["sha256"]!;
    await rm(join(dataDir, "files", key.slice(0, 2), key.slice(2, 4), key));
    await operator.query("begin; lock table files in access exclusive mode");
    const lost = ask("link-lost");
    while ((await operator.query("select from pg_locks where not granted")).rowCount === 0);
    await operator.query("commit");
    await lost;
  } finally {
    await operator.end();
  }
  return { tokens: [token, calendar.split("/").at(-1)!.slice(0, -".ics".length)], statuses };
}

async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk.toString("latin1"))).write(text);
  await once(socket, "close");
  return heard;
}
