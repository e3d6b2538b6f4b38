// The exact comparison of what was acknowledged with what the database and both servers have. The load is paused meanwhile.
import { setTimeout as delay } from "node:timers/promises";
import { call, type Json, type Reply } from "../resilience/person.js";
import type { Ledger } from "./ledger.js";
import type { Load, Writer } from "./load.js";
import type { Site } from "./site.js";

/** Sentences, one for each message or number. */
export interface Audit {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Places, counters and unread counts, and whatever else is there that should not be. */
  readonly wrong: readonly string[];
}

interface Row {
  readonly id: number;
  readonly chat_id: number;
  readonly seq: number;
  readonly sender_id: number;
  /** What it was sent as; a deleted message has no text. */
  readonly name: string;
  readonly is_deleted: boolean;
}

/** Examines every message of the load's chats since the start. */
export async function audit(site: Site, load: Load, ledger: Ledger): Promise<Audit> {
  const rows = await site.query<Row>(
    `select id::float8, chat_id::float8, seq::float8, sender_id::float8, coalesce(client_message_id, text) as name,
            deleted_at is not null as is_deleted
       from messages where chat_id = any($1::bigint[]) order by chat_id, seq`,
    [load.chatIds],
  );
  const byName = groups(rows, ({ name }) => name);
  const byChat = groups(rows, ({ chat_id }) => chat_id);
  const attached = await attachedFiles(site);
  const of = (chatId: number): readonly Row[] => byChat.get(chatId) ?? [];
  const counts = await Promise.all(load.writers.map((writer) => countFaults(site, writer, of(writer.chatId))));
  return {
    lost: [
      ...lostMessages(ledger, byName),
      ...lostDeletions(ledger, rows),
      ...lostFiles(ledger, attached),
      ...(await lostReadMarks(site, load, ledger)),
    ],
    doubled: [...byName].filter(([, { length }]) => length > 1).map(([name]) => `${name} is there more than once`),
    wrong: [
      ...strangers(ledger, rows),
      ...strayFiles(ledger, attached),
      ...(await sequenceFaults(site, load, of)),
      ...counts.flat(),
    ],
  };
}

function lostMessages(ledger: Ledger, byName: ReadonlyMap<string, readonly Row[]>): string[] {
  return [...ledger.sent].flatMap(([text, { id, seq }]) => {
    const row = byName.get(text)?.find((each) => each.id === id);
    return row?.seq === seq ? [] : [`${text} was acknowledged with id ${id} and seq ${seq}`];
  });
}

function lostDeletions(ledger: Ledger, rows: readonly Row[]): string[] {
  return rows
    .filter(({ id, is_deleted }) => ledger.deleted.has(id) && !is_deleted)
    .map(({ name }) => `the deletion of ${name} was acknowledged`);
}

interface AttachedFile {
  readonly id: number;
  /** What the message was sent as; absent when no message shows the file. */
  readonly name: string | null;
}

/** Each file that is in use, or that a message is said to have. */
function attachedFiles(site: Site): Promise<AttachedFile[]> {
  return site.query<AttachedFile>(
    `select f.id::float8, m.client_message_id as name
       from files f
       left join message_attachments a on a.file_id = f.id
       left join messages m on m.id = a.message_id and m.attachments @> jsonb_build_array(jsonb_build_object('id', f.id))
      where f.claimed_at is not null or a.file_id is not null`,
  );
}

function lostFiles({ sent, files, deleted }: Ledger, attached: readonly AttachedFile[]): string[] {
  const kept = new Map(attached.map(({ id, name }) => [name, id]));
  return [...files].flatMap(([text, id]) => {
    const message = sent.get(text);
    if (!message || deleted.has(message.id) || kept.get(text) === id) return [];
    return [`${text} was acknowledged with file ${id}`];
  });
}

/** Files that no message shows, and those that were sent with another or with none. */
function strayFiles({ files }: Ledger, attached: readonly AttachedFile[]): string[] {
  return attached.flatMap(({ id, name }) => {
    if (name === null) return [`file ${id} is in use and of no message`];
    return files.get(name) === id ? [] : [`file ${id} is of ${name}, which was not sent with it`];
  });
}

async function lostReadMarks(site: Site, load: Load, ledger: Ledger): Promise<string[]> {
  const members = await site.query<{ key: string; read: number }>(
    "select chat_id || ' ' || user_id as key, last_read_seq::float8 as read from chat_members where chat_id = any($1::bigint[])",
    [load.chatIds],
  );
  return members.flatMap(({ key, read }) => {
    const acknowledged = ledger.read.get(key) ?? 0;
    return read >= acknowledged ? [] : [`the member ${key} has read up to ${acknowledged}, of which ${read} is kept`];
  });
}

/** What is there and was not asked for. */
function strangers(ledger: Ledger, rows: readonly Row[]): string[] {
  return [
    ...ledger.otherReplays.map((text) => `a repeated send of ${text} was answered with another message`),
    ...rows.flatMap(({ id, name, is_deleted }) => [
      ...(ledger.tried.has(name) ? [] : [`${name} was never sent`]),
      ...(is_deleted && !ledger.deleted.has(id) ? [`${name} is deleted, and no deletion was acknowledged`] : []),
    ]),
  ];
}

/** Places that are not 1, 2, 3 ..., and counters of a chat that are not the numbers of its messages. */
async function sequenceFaults(site: Site, load: Load, of: (chatId: number) => readonly Row[]): Promise<string[]> {
  const sequences = await site.query<{ chat_id: number; last_seq: number; message_count: number }>(
    "select chat_id::float8, last_seq::float8, message_count::float8 from chat_sequences where chat_id = any($1::bigint[])",
    [load.chatIds],
  );
  const faults: string[] = [];
  for (const sequence of sequences) {
    const chat = `chat ${sequence.chat_id}`;
    const rows = of(sequence.chat_id);
    const gap = rows.findIndex(({ seq }, place) => seq !== place + 1);
    if (gap >= 0) faults.push(`${chat} has seq ${rows[gap]!.seq} in place ${gap + 1}`);
    const message_count = rows.filter(({ is_deleted }) => !is_deleted).length;
    faults.push(...differences(chat, sequence, { last_seq: rows.length, message_count }));
  }
  return faults;
}

/** What both servers tell a member about the chat, compared with its messages. */
async function countFaults(site: Site, { chatId, id, token }: Writer, rows: readonly Row[]): Promise<string[]> {
  const kept = rows.filter(({ is_deleted }) => !is_deleted);
  const faults: string[] = [];
  for (const server of [0, 1]) {
    const { status, body } = await patiently(() =>
      call(site.url(server), "GET", `/v1/chats/${chatId}`, undefined, token),
    );
    if (status !== 200) {
      faults.push(`server ${server} answers ${status} long after a fault`);
      continue;
    }
    const chat = body["chat"] as Json;
    const read = Number(chat["last_read_seq"] ?? 0);
    const unread = kept.filter(({ seq, sender_id }) => seq > read && sender_id !== id).length;
    const expected = { message_count: kept.length, last_seq: rows.length, unread_count: unread };
    faults.push(...differences(`chat ${chatId} for member ${id} at server ${server}`, chat, expected));
  }
  return faults;
}

/** The first success, or the answer after five refusals: each of them asks to try again after a second. */
async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    const reply = await ask();
    if (reply.status < 300 || tries === 5) return reply;
    await delay(1_000);
  }
}

function differences(whose: string, found: object, expected: Readonly<Record<string, number>>): string[] {
  const values = found as Readonly<Record<string, unknown>>;
  return Object.entries(expected).flatMap(([name, value]) => {
    // A number that is 0 may be left out of an answer.
    const actual = values[name] ?? 0;
    return actual === value ? [] : [`${whose}: ${name} is ${String(actual)} instead of ${value}`];
  });
}

function groups<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const all = new Map<Key, Item[]>();
  for (const item of items) {
    const group = all.get(keyOf(item));
    if (group) group.push(item);
    else all.set(keyOf(item), [item]);
  }
  return all;
}
