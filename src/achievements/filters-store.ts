// What achievements are chosen by: parts of SQL that are there or not. Their values are parameters, never parts of the SQL.
import type { AchievementKind, AchievementState } from "../gen/lyceum/v1/achievement.js";

/** What is undefined, or empty, chooses all. */
export interface AchievementFilter {
  readonly userId?: number | undefined;
  readonly groupId?: number | undefined;
  readonly kind?: AchievementKind | undefined;
  readonly state?: AchievementState | undefined;
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
  /** Parts of the title, each of which must occur. */
  readonly words?: readonly string[] | undefined;
}

interface Part {
  readonly name: string;
  readonly values: readonly unknown[];
  /** A condition on an achievement `a`. */
  readonly sql: (...parameters: string[]) => string;
}

function part(name: string, value: unknown, sql: Part["sql"]): Part[] {
  return value === undefined ? [] : [{ name, values: [value], sql }];
}

// A trigram index serves `like`, and not `like all`: so the longest word has a condition of its own.
function wordsPart(words: readonly string[] = []): Part[] {
  if (words.length === 0) return [];
  const [longest, ...others] = words.toSorted((a, b) => b.length - a.length);
  const sql: Part["sql"] = (word, more) => `name_part(a.title) like name_pattern(${word})
      and name_part(a.title) like all (array(select name_pattern(unnest(${more}::text[]))))`;
  return [{ name: "words", values: [longest, others], sql }];
}

/** A filter as a part of a statement. */
export interface Chosen {
  /** For the name of the statement: another one for other conditions. */
  readonly name: string;
  readonly values: readonly unknown[];
  /** ` and ...`, on an achievement `a`; empty when everything is chosen. */
  readonly sql: string;
}

/** The SQL of a filter, whose parameters begin behind the `last` one of the statement. */
export function chosenBy(filter: AchievementFilter, last: number): Chosen {
  const { userId, groupId, kind, state, createdAfter, createdBefore, words } = filter;
  const parts = [
    ...part("user", userId, (value) => `a.user_id = ${value}::bigint`),
    ...part("group", groupId, (value) => `a.user_id in (select id from users where group_id = ${value}::bigint)`),
    ...part("kind", kind, (value) => `a.kind = ${value}`),
    ...part("state", state, (value) => `a.state = ${value}`),
    ...part("after", createdAfter, (value) => `a.created_at > ${value}::timestamptz`),
    ...part("before", createdBefore, (value) => `a.created_at < ${value}::timestamptz`),
    ...wordsPart(words),
  ];
  let place = last;
  const conditions = parts.map(({ values, sql }) => ` and ${sql(...values.map(() => `$${++place}`))}`);
  return {
    name: parts.map(({ name }) => `-${name}`).join(""),
    values: parts.flatMap(({ values }) => values),
    sql: conditions.join(""),
  };
}
