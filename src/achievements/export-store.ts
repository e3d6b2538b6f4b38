// The SQL of the export: which achievements are in it, and what is written about them. Whoever may call sees all of it.
import type { AchievementKind, AchievementState } from "../gen/lyceum/v1/achievement.js";
import type { Queries } from "../platform/database/database.js";
import { type Statement, statement } from "../platform/database/statement.js";
import type { KeysetPage } from "../platform/page.js";
import { type AchievementFilter, chosenBy } from "./filters-store.js";

/** The diploma of an accepted achievement. */
export interface Diploma {
  readonly id: number;
  readonly moderated_at: string;
  readonly file_id: number;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: Buffer;
}

const statements = new Map<string, Statement<Diploma>>();

/** A page of the diplomas of the accepted achievements that the filter chooses, in the order of ids. `page.after` is an id. */
export async function listDiplomas(
  queries: Queries,
  filter: Omit<AchievementFilter, "state" | "words">,
  { after = [0], limit }: KeysetPage,
): Promise<Diploma[]> {
  const chosen = chosenBy(filter, 2);
  const name = `list-diplomas${chosen.name}`;
  const known =
    statements.get(name) ??
    statement<Diploma>(
      "pool",
      name,
      `select a.id, a.moderated_at, a.file_id, f.name, f.media_type, c.size, c.sha256
         from achievements a
         join files f on f.id = a.file_id
         join file_contents c on c.file_id = f.id and c.side = 0
        where a.state = 'ACHIEVEMENT_STATE_ACCEPTED' and a.id > $1${chosen.sql}
        order by a.id limit $2`,
    );
  statements.set(name, known);
  return queries.many(known, [after[0], limit, ...chosen.values]);
}

/** What is written about an achievement. */
export interface DescribedAchievement {
  readonly id: number;
  readonly state: AchievementState;
  readonly kind: AchievementKind;
  readonly title: string;
  readonly description: string;
  readonly points: number;
  readonly created_at: string;
  readonly moderated_at: string;
  /** The name of the person. */
  readonly person: string;
  readonly school_class?: number;
  /** The name of the group. */
  readonly group?: string;
  /** The name of who has accepted it; empty when their account has ended. */
  readonly moderator: string;
  readonly file_name: string;
}

const name = (user: string): string =>
  `concat_ws(' ', nullif(${user}.last_name, ''), nullif(${user}.first_name, ''), nullif(${user}.patronymic_name, ''))`;

const describeRows = statement<DescribedAchievement>(
  "pool",
  "describe-achievements",
  `select a.id, a.state, a.kind, a.title, a.description, a.points, a.created_at, a.moderated_at, ${name("u")} as person,
          u.school_class, g.name as "group", ${name("m")} as moderator, f.name as file_name
     from achievements a
     join users u on u.id = a.user_id
     left join groups g on g.id = u.group_id
     join users m on m.id = a.moderator_id
     join files f on f.id = a.file_id
    where a.id = any($1::bigint[])
    order by a.id`,
);

/** Those of the achievements that still exist, in the order of ids. */
export async function describe(queries: Queries, ids: readonly number[]): Promise<DescribedAchievement[]> {
  return queries.many(describeRows, [ids]);
}
