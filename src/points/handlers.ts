// The handlers of the ledger of points: a person's own, and what staff gives and takes back by hand.
import { lockBelow } from "../accounts/above.js";
import type { Caller, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { PointService } from "../gen/lyceum/v1/point.js";
import { recordAudit } from "../platform/audit/audit.js";
import { pageOf, readPage } from "../platform/page.js";
import { findUser, includedPeople } from "../users/people.js";
import { addPoints } from "./ledger.js";
import * as store from "./store.js";

/** The handlers of PointService. */
export function pointHandlers(): Handlers<PointService> {
  return {
    async addPoints({ user_id, amount, take_back = false, note }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockBelow(queries, user, user_id);
        await recordAudit(queries, call, {
          action: take_back ? "points.take" : "points.give",
          target: ["user", user_id],
        });
        const signed = take_back ? -amount : amount;
        const given = { userId: user_id, amount: signed, reason: "by_hand", note, byUserId: user.id } as const;
        const id = await addPoints(queries, given);
        return (await store.findEntry(queries, user_id, id!))!;
      });
    },

    async listPointsEntries(request, { database, user }) {
      const { user_id } = request;
      requireRight(user, user_id);
      const page = readPage(request, { scope: ["points", user_id], key: [0], isOldestFirst: false });
      const rows = await store.listEntries(database, user_id, page);
      if (rows.length === 0 && !(await findUser(database, user, user_id)))
        throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      const { rows: entries, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      const named = entries.flatMap((entry) => [entry.user_id, entry.by_user_id]);
      return { entries, next_page_token, people: await includedPeople(database, user, request, named) };
    },

    async getPointsEntry({ user_id, entry_id }, { database, user }) {
      requireRight(user, user_id);
      const entry = await store.findEntry(database, user_id, entry_id);
      if (!entry)
        throw new ApiError(
          "POINTS_ENTRY_NOT_FOUND",
          `User with id=${user_id} has no entry of points with id=${entry_id}`,
        );
      return entry;
    },
  };
}

/** Throws PERMISSION_DENIED unless the caller may see the ledger of a person. */
function requireRight({ id, role }: Caller, userId: number): void {
  if (id !== userId && role === "ROLE_STUDENT")
    throw new ApiError("PERMISSION_DENIED", "The points of others are seen by teachers and super admins");
}
