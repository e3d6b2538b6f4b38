// The comparison of what each client knows with what the database has, when nothing happens any more.
import { setTimeout as delay } from "node:timers/promises";
import type { Load } from "./load.js";
import { faceOf } from "./replica.js";
import type { RealtimeSite } from "./site.js";

/** Sentences, one for each fault. */
export interface Audit {
  /** Acknowledged and not there, or there more than once, or never sent. */
  readonly lost: readonly string[];
  readonly missed: readonly string[];
  readonly doubled: readonly string[];
  /** Received after a removal. */
  readonly leaked: readonly string[];
}

interface Row {
  readonly id: number;
  readonly chat_id: number;
  readonly seq: number;
  readonly text: string | null;
  readonly is_deleted: boolean;
}

/** Waits until all clients have caught up, for so long at most, and examines all. */
export async function audit(site: RealtimeSite, load: Load, patienceMs: number): Promise<Audit> {
  const rows = await site.query<Row>(
    `select id::float8, chat_id::float8, seq::float8, text, deleted_at is not null as is_deleted
       from messages where chat_id = any($1::bigint[]) order by chat_id, seq`,
    [load.chats],
  );
  const members = await site.query<{ chat_id: number; user_id: number }>(
    "select chat_id::float8, user_id::float8 from chat_members where chat_id = any($1::bigint[])",
    [load.chats],
  );
  const faces = new Map(load.chats.map((id) => [id, new Map<number, string>()]));
  for (const { id, chat_id, seq, text, is_deleted } of rows)
    faces.get(chat_id)!.set(id, faceOf({ seq, text, deleted_at: is_deleted }));
  const seenBy = (userId: number): Map<number, Map<number, string>> =>
    new Map(members.filter(({ user_id }) => user_id === userId).map(({ chat_id }) => [chat_id, faces.get(chat_id)!]));
  const seen = load.clients.map(({ person }) => seenBy(person.id));
  let behind = load.clients.map((client, at) => ({ client, seen: seen[at]! }));
  let differences: string[] = [];
  for (const end = performance.now() + patienceMs; ; await delay(100)) {
    behind = behind.filter((each) => each.client.replica.differences(each.seen).length > 0);
    differences = behind.flatMap((each) => each.client.replica.differences(each.seen));
    if (behind.length === 0 || performance.now() > end) break;
  }
  return {
    lost: lostMessages(load, rows),
    missed: [...load.clients.flatMap(({ replica }) => replica.missed), ...differences],
    doubled: load.clients.flatMap(({ replica }) => replica.doubled),
    leaked: leaks(load),
  };
}

function lostMessages({ sent, tried }: Load, rows: readonly Row[]): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const times = new Map<string, number>();
  for (const { text, is_deleted } of rows) {
    const name = (text ?? "").replace(/e$/, "");
    if (!is_deleted) times.set(name, (times.get(name) ?? 0) + 1);
  }
  const deleted = rows.filter(({ is_deleted }) => is_deleted).length;
  return [
    ...[...sent].filter(([, id]) => !byId.has(id)).map(([text, id]) => `${text} was acknowledged with id ${id}`),
    ...[...times].filter(([, count]) => count > 1).map(([text]) => `${text} is there more than once`),
    ...[...times.keys()].filter((text) => !tried.has(text)).map((text) => `${text} was never sent`),
    ...(rows.length > tried.size
      ? [`${rows.length} messages are there, ${deleted} of them deleted, and ${tried.size} were sent`]
      : []),
  ];
}

/** Updates of a chat that came between the removal of the person and the request to add them again, and are not older than the removal. */
function leaks({ clients, removals }: Load): string[] {
  const receptions = new Map(clients.map(({ person, replica }) => [person.id, replica.receptions]));
  return removals.flatMap(({ chatId, userId, pts, endedAt }) =>
    (receptions.get(userId) ?? [])
      .filter((each) => each.topic === `chat:${chatId}` && each.pts >= pts && each.at < endedAt)
      .map((each) => `chat:${chatId} of person ${userId} has ${each.pts}, who was removed at ${pts}`),
  );
}
