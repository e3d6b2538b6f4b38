// The SQL of counters of people.
import type { MedalCounter } from "../gen/lyceum/v1/medal.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

const insertCounterRow = statement<object>(
  "pool",
  "insert-counter",
  `with person as materialized (select id from users where id = $1 and deleted_at is null for no key update)
   insert into user_counters (user_id, counter, value, highest) select id, $2, 0, 0 from person
   on conflict do nothing`,
);

const addToCounterRow = statement<{ value: number }>(
  "pool",
  "add-to-counter",
  `update user_counters set value = value + $3::bigint, highest = greatest(highest, value + $3::bigint)
    where user_id = $1 and counter = $2
   returning value`,
);

/** Adds to a counter of a person; false when the account has ended. Fails when less than nothing would be left. */
export async function addToCounter(
  queries: Queries,
  userId: number,
  counter: MedalCounter,
  amount: number,
): Promise<boolean> {
  await queries.one(insertCounterRow, [userId, counter]);
  return (await queries.one(addToCounterRow, [userId, counter, amount])) !== undefined;
}

const deleteRows = statement<object>("pool", "delete-counters", "delete from user_counters where user_id = $1");

/** Deletes the counters of a person who is locked. */
export async function deleteCounters(queries: Queries, userId: number): Promise<void> {
  await queries.one(deleteRows, [userId]);
}
