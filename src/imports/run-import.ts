// The work on one import: checks its file, then makes its accounts in small transactions, each with the progress that it is. So a process
// that is killed has made no row twice and left none out: the next one goes on behind the last transaction.
import { inviteMail, mailAll, type MailSender } from "../accounts/account-mails.js";
import { type BatchedAccount, createAccounts, type MadeAccount } from "../accounts/batch-accounts.js";
import type { Passwords } from "../accounts/passwords/passwords.js";
import { ApiError } from "../errors.js";
import type { ImportError, ImportState } from "../gen/lyceum/v1/import.js";
import { moveToGroup } from "../groups/membership.js";
import { type AuditedCall, recordAudit } from "../platform/audit/audit.js";
import type { Queries } from "../platform/database/database.js";
import type { JobWork } from "../platform/jobs/job.js";
import { isAbove, lockUsersToChange, type Standing } from "../users/standing.js";
import { checkFile, emailTaken, readRows, unknownGroup } from "./check.js";
import { decryptText, type ImportFile, readFile } from "./file.js";
import { addNextJob } from "./jobs.js";
import { giveWay } from "./pace.js";
import type { ReadRow, RowReader } from "./row.js";
import * as store from "./work-store.js";

export interface ImportDeps extends MailSender {
  readonly passwords: Pick<Passwords, "hashPatiently">;
  readonly publicUrl: string;
  readonly readRow: RowReader;
  /** The key of the files. */
  readonly key: Uint8Array;
}

/** Another run has taken the import, or it has ended. */
export class NotHeld extends Error {
  override readonly name = "NotHeld";
}

/** The most rows of one transaction, and of those with passwords: each takes a quarter of a second before it. */
const chunkRows = 10;
const chunkPasswords = 5;
/** How often an import is begun with that no step came of. */
export const mostAttempts = 5;
/** How often an import is looked at between two steps, whether it was cancelled, in milliseconds. */
const lookMs = 2_000;
/** How long all rows of a file may take in one transaction. */
const allTimeoutMs = 60_000;
const batchRows = 500;

/** What a step of an import has done; with `end`, it was the last. */
interface Step extends store.Progress {
  readonly end?: ImportState;
}

const failed: Step = { rowsDone: 0, created: 0, refused: 0, end: "IMPORT_STATE_FAILED" };

/** An account cannot be made, where all are or none. */
class Refused extends Error {
  constructor(readonly errors: readonly ImportError[]) {
    super("A row cannot be taken");
  }
}

/** A row that is to be made. */
interface HashedRow extends ReadRow {
  readonly passwordHash?: string;
}

/**
 * Works on an import to its end. Rejects with NotHeld, with the reason of the signal when that is aborted, and with the errors of the
 * database: what was done until then is kept, and the import can be taken again.
 */
export async function runImport(
  deps: ImportDeps,
  taken: store.TakenImport,
  holder: string,
  work: Pick<JobWork, "database" | "signal" | "progress">,
): Promise<void> {
  const { passwords, mailer, publicUrl } = deps;
  const { database, signal } = work;
  const { id, user_id, means, address, request_id: requestId, mode, rows_total } = taken;
  const call: AuditedCall = { user: { id: user_id, means }, client: { address }, requestId };

  const isAll = mode === "IMPORT_MODE_ALL_OR_NONE";

  let lookedAt = performance.now();
  /** Rejects when there is no use in going on. */
  async function look(): Promise<void> {
    signal.throwIfAborted();
    if (performance.now() - lookedAt < lookMs) return;
    lookedAt = performance.now();
    if (!(await store.isHeld(database, id, holder))) throw new NotHeld();
  }
  async function rest(begunAt: number): Promise<void> {
    await giveWay(begunAt, signal);
    await look();
  }

  /** A step of the import, with who began it. Both are locked until it is committed. */
  async function step(act: (queries: Queries, by: Standing) => Promise<Step>, timeoutMs?: number): Promise<Step> {
    signal.throwIfAborted();
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return database.transaction(async (queries) => {
      const [by] = await lockUsersToChange(queries, [user_id]);
      if (!(await store.lockHeld(queries, id, holder))) throw new NotHeld();
      const done = by && !by.is_suspended ? await act(queries, by) : failed;
      if (done !== failed) await store.updateProgress(queries, id, done);
      if (done.end !== undefined) {
        const { rows_created, rows_refused } = await store.updateEnded(queries, id, done.end);
        await recordAudit(queries, call, {
          action: "users.import_end",
          target: ["import", `${id}/${rows_created}/${rows_refused}`],
          outcome: done === failed ? "failure" : "success",
        });
        await addNextJob(queries, user_id);
      }
      return done;
    }, options);
  }

  async function hashed(rows: readonly ReadRow[]): Promise<HashedRow[]> {
    const all: HashedRow[] = [];
    for (const row of rows) {
      const { password } = row.draft;
      await look();
      all.push(
        password === undefined ? row : { ...row, passwordHash: await passwords.hashPatiently(password, signal) },
      );
      if (isAll) await work.progress(all.length / rows.length);
    }
    return all;
  }

  /** Makes accounts in a transaction. Returns them, and the rows whose address or group somebody was faster with. */
  async function make(
    queries: Queries,
    rows: readonly HashedRow[],
  ): Promise<{ made: MadeAccount[]; errors: ImportError[] }> {
    const names = new Set(rows.flatMap(({ draft: { group } }) => (group === undefined ? [] : [group])));
    const groups = await store.findGroups(queries, [...names]);
    const isInGroup = ({ draft: { group } }: HashedRow): boolean => group === undefined || groups.has(group);
    const accounts = rows.filter(isInGroup).map(accountOf);
    const made = await createAccounts(queries, call, accounts, publicUrl);
    const ids = new Map(made.map(({ id: userId, account }) => [account.email, userId]));
    for (const [name, groupId] of groups) {
      const members = rows.filter(({ draft }) => draft.group === name).map(({ draft }) => ids.get(draft.email));
      await moveToGroup(
        queries,
        call,
        members.filter((member) => member !== undefined),
        groupId,
      );
    }
    await store.insertImported(queries, id, [...ids.values()]);
    // Where mail is off, RenewImportInvites has the links.
    const invited = made.flatMap(({ account, url }) =>
      url === undefined ? [] : [{ person: account, text: inviteMail(url) }],
    );
    if (mailer.isOn) await mailAll(deps, queries, invited);
    const errors = rows.flatMap((row) => {
      if (!isInGroup(row)) return [unknownGroup(row.line)];
      return ids.has(row.draft.email) ? [] : [emailTaken(row.line)];
    });
    return { made, errors };
  }

  /** Checks the whole file, and records what is wrong with it. Returns whether that was the end. */
  async function check(file: ImportFile, rows: readonly ReadRow[]): Promise<boolean> {
    const errors = await checkFile(database, rows, file, rest);
    const refused = new Set(errors.map(({ line }) => line)).size;
    const isEnd = taken.dry_run || rows.length === 0 || (refused > 0 && isAll);
    const { end } = await step(async (queries) => {
      await store.insertErrors(queries, id, errors);
      return { rowsDone: isEnd ? rows_total : 0, created: 0, refused, ...(isEnd && { end: "IMPORT_STATE_DONE" }) };
    }, allTimeoutMs);
    return end !== undefined;
  }

  /** Makes the good rows, some at a time. */
  async function makeSome(rows: readonly ReadRow[], bad: ReadonlySet<number>, from: number): Promise<void> {
    for (let at = 0; at < rows.length;) {
      const chunk = chunkAt(rows, at, bad);
      const good = await hashed(chunk.filter(({ line }) => !bad.has(line)));
      const begunAt = performance.now();
      let made: MadeAccount[] = [];
      const isLast = at + chunk.length === rows.length;
      const rowsDone = isLast ? rows_total : from + at + chunk.length;
      const done = await step(async (queries, by) => {
        if (!mayMake(by, good)) return failed;
        const result = await make(queries, good);
        made = result.made;
        await store.insertErrors(queries, id, result.errors);
        const progress = { rowsDone, created: made.length, refused: result.errors.length };
        return isLast ? { ...progress, end: "IMPORT_STATE_DONE" } : progress;
      }).catch((error: unknown) => {
        if (!isGroupGone(error)) throw error;
      });
      // Again, without the group.
      if (!done) continue;
      if (done === failed) return;
      if (isLast) return;
      at += chunk.length;
      await work.progress(rowsDone / rows_total);
      await rest(begunAt);
    }
  }

  /** Makes all rows, in one transaction, or none. */
  async function makeAll(rows: readonly ReadRow[]): Promise<void> {
    const all = (await hashed(rows)).toSorted((a, b) => (a.draft.email < b.draft.email ? -1 : 1));
    let made: MadeAccount[] = [];
    const makeHashed = (): Promise<Step> =>
      step(async (queries, by) => {
        if (!mayMake(by, all)) return failed;
        made = [];
        const errors: ImportError[] = [];
        for (let at = 0; at < all.length; at += batchRows) {
          const result = await make(queries, all.slice(at, at + batchRows));
          made.push(...result.made);
          errors.push(...result.errors);
        }
        if (errors.length > 0) throw new Refused(errors);
        return { rowsDone: rows_total, created: made.length, refused: 0, end: "IMPORT_STATE_DONE" };
      }, allTimeoutMs);
    const makeNone = async (error: unknown): Promise<Step> => {
      if (isGroupGone(error)) return makeHashed().catch(makeNone);
      if (!(error instanceof Refused)) throw error;
      made = [];
      return step(async (queries) => {
        await store.insertErrors(queries, id, error.errors);
        return { rowsDone: rows_total, created: 0, refused: error.errors.length, end: "IMPORT_STATE_DONE" };
      });
    };
    await makeHashed().catch(makeNone);
  }

  const text = decryptText(deps.key, taken.csv);
  const role = await store.findRole(database, user_id);
  if (text === undefined || role === undefined || taken.attempts > mostAttempts)
    return void (await step(async () => failed));
  const file = await readFile(text);
  if (!taken.is_checked && (await check(file, await readRows(deps.readRow, file, role)))) return;
  const bad = new Set(await store.listBadLines(database, id));
  const rows = await readRows(deps.readRow, file, role, taken.rows_done);
  await (isAll ? makeAll(rows) : makeSome(rows, bad, taken.rows_done));
}

function accountOf({ draft, passwordHash }: HashedRow): BatchedAccount {
  const { email, first_name, last_name, patronymic_name, role, school_class } = draft;
  return { email, first_name, last_name, patronymic_name, role, school_class, passwordHash };
}

/** The rows of the next transaction. */
function chunkAt(rows: readonly ReadRow[], from: number, bad: ReadonlySet<number>): readonly ReadRow[] {
  let hashes = 0;
  let end = from;
  while (end < rows.length && end - from < chunkRows && hashes < chunkPasswords) {
    const { line, draft } = rows[end]!;
    if (draft.password !== undefined && !bad.has(line)) hashes += 1;
    end += 1;
  }
  return rows.slice(from, end);
}

/** Whether somebody may still make the accounts of rows. */
function mayMake({ role }: Standing, rows: readonly ReadRow[]): boolean {
  return rows.every(({ draft }) => isAbove(role, draft.role));
}

/** Whether a group was deleted after it was found: the step is taken again, and does not find it. */
function isGroupGone(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "GROUP_NOT_FOUND";
}
