// The handlers of medals: which there are, who has them, and what is awarded and taken away by hand.
import { lockBelow } from "../accounts/above.js";
import type { Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { MedalService } from "../gen/lyceum/v1/medal.js";
import { recordAudit } from "../platform/audit/audit.js";
import { pageOf, readPage } from "../platform/page.js";
import { recordUpdates } from "../platform/updates/updates.js";
import { findUser, includedPeople } from "../users/people.js";
import * as store from "./store.js";

/** The handlers of MedalService. */
export function medalHandlers(): Handlers<MedalService> {
  return {
    async listMedals(_request, { database, client }) {
      return { medals: await store.listMedals(database, client.language) };
    },

    async listMedalHolders(request, { database, user, client }) {
      const { medal_id, group_id } = request;
      const scope = ["medal-holders", medal_id, group_id ?? 0];
      const page = readPage(request, { scope, key: [0], isOldestFirst: false });
      const rows = await store.listHolders(database, client.language, { medalId: medal_id, groupId: group_id }, page);
      if (rows.length === 0 && !(await store.isMedal(database, medal_id))) throw medalNotFound(medal_id);
      const { rows: holders, next_page_token } = pageOf(rows, page, ({ id }) => [id]);
      const named = holders.flatMap((holder) => [holder.user_id, holder.awarded_by_id]);
      return { holders, next_page_token, people: await includedPeople(database, user, request, named) };
    },

    async listUserMedals({ user_id }, { database, user, client }) {
      const medals = await store.listAllOfUser(database, client.language, user_id);
      if (medals.length === 0 && !(await findUser(database, user, user_id)))
        throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      return { medals };
    },

    async getUserMedal({ user_id, medal_id }, { database, client }) {
      const found = await store.findUserMedal(database, client.language, user_id, medal_id);
      if (!found) throw hasNoMedal(user_id, medal_id);
      return found;
    },

    async awardMedal({ user_id, medal_id, reason }, call) {
      const { user, database, client } = call;
      return database.transaction(async (queries) => {
        await lockBelow(queries, user, user_id);
        if (!(await store.isMedal(queries, medal_id))) throw medalNotFound(medal_id);
        const award = { userId: user_id, medalId: medal_id, byUserId: user.id, reason };
        const id = await store.insertUserMedal(queries, award);
        if (id === undefined)
          throw new ApiError(
            "MEDAL_ALREADY_AWARDED",
            `User with id=${user_id} has the medal with id=${medal_id} already`,
          );
        await recordAudit(queries, call, { action: "medal.award", target: ["user_medal", `${user_id}/${medal_id}`] });
        await recordUpdates(queries, user.id, [{ topic: `user:${user_id}`, kind: "medal.awarded", subjectId: id }]);
        return (await store.findUserMedal(queries, client.language, user_id, medal_id))!;
      });
    },

    async revokeMedal({ user_id, medal_id }, call) {
      const { user, database } = call;
      return database.transaction(async (queries) => {
        await lockBelow(queries, user, user_id);
        const id = await store.revokeUserMedal(queries, user_id, medal_id);
        if (id === undefined) throw hasNoMedal(user_id, medal_id);
        await recordAudit(queries, call, { action: "medal.revoke", target: ["user_medal", `${user_id}/${medal_id}`] });
        await recordUpdates(queries, user.id, [{ topic: `user:${user_id}`, kind: "medal.revoked", subjectId: id }]);
        return {};
      });
    },
  };
}

function medalNotFound(id: number): ApiError {
  return new ApiError("MEDAL_NOT_FOUND", `Medal with id=${id} not found`);
}

function hasNoMedal(userId: number, id: number): ApiError {
  return new ApiError("MEDAL_NOT_FOUND", `User with id=${userId} does not have the medal with id=${id}`);
}
