// CSV files with people, made while they are sent: everybody, and the links of those whom an import has invited.
import { inviteMail, mailAll, type MailSender } from "../accounts/account-mails.js";
import { lockCaller } from "../accounts/above.js";
import { renewInvites } from "../accounts/batch-accounts.js";
import type { Call } from "../call.js";
import { byteOrderMark, csvLine } from "../platform/csv/write-csv.js";
import type { KeysetPage } from "../platform/page.js";
import { columns } from "./columns.js";
import { type ExportedPerson, listInvitedBy, listPeople, type PeopleFilter } from "./people-store.js";
import { roleNames } from "./row.js";

/** How many people are in memory at a time. */
const pagePeople = 500;
const pageInvites = 50;

/** The columns that an import reads, without what nobody can read again. */
const exported = columns.filter((column) => column !== "password" && column !== "invite");

function pageAfter(id: number, limit: number): KeysetPage {
  return { after: [id], limit, skip: 0, isOldestFirst: true };
}

/** Everybody whom a filter leaves, in the order of ids: one page in memory at a time, and no connection while the client reads. */
export async function* exportPeople({ database, signal }: Call, filter: PeopleFilter): AsyncGenerator<string> {
  yield byteOrderMark + csvLine(exported);
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const people = await listPeople(database, filter, pageAfter(after, pagePeople));
    if (people.length > 0) yield people.map(lineOf).join("");
    if (people.length < pagePeople) return;
    after = people.at(-1)!.id;
  }
}

function lineOf({ role, school_class, group = "", ...person }: ExportedPerson): string {
  const cells = { ...person, role: roleNames[role], class: String(school_class ?? ""), group };
  return csvLine(exported.map((column) => cells[column as keyof typeof cells] as string));
}

/** What new links need. */
export interface InviteSender extends MailSender {
  readonly publicUrl: string;
}

/**
 * New invites for those of an import who have not accepted: each page is made, and recorded, before it is sent. Where mail is on the links
 * are mailed, and not in the file.
 */
export async function* renewedInvites(deps: InviteSender, call: Call, importId: number): AsyncGenerator<string> {
  const { mailer, publicUrl } = deps;
  const { database, signal } = call;
  yield byteOrderMark + csvLine(["id", "email", "first_name", "last_name", "link"]);
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const ids = await listInvitedBy(database, importId, pageAfter(after, pageInvites));
    if (ids.length === 0) return;
    const renewed = await database.transaction(async (queries) => {
      await lockCaller(queries, call.user);
      const invites = await renewInvites(queries, call, ids, publicUrl);
      const mails = invites.map(({ user, url }) => ({ person: user, text: inviteMail(url) }));
      if (mailer.isOn) await mailAll(deps, queries, mails);
      return invites;
    });
    const shown = (url: string): string => (mailer.isOn ? "" : url);
    const lines = renewed.map(({ user, url }) =>
      csvLine([String(user.id), user.email, user.first_name, user.last_name, shown(url)]),
    );
    if (lines.length > 0) yield lines.join("");
    after = ids.at(-1)!;
  }
}
