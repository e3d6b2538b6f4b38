// Finding users, and the leaderboard.
import type { Call, Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { ListUsersRequest, UserService } from "../gen/lyceum/v1/user.js";
import { shortMoment } from "../platform/list-moment.js";
import { listLimits, pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { getLeaderboard } from "./leaderboard.js";
import { canSlip, listUsers, type UserFilter } from "./listing-store.js";
import * as store from "./store.js";

/** The handlers of UserService. */
export function userHandlers(): Handlers<UserService> {
  return {
    async listUsers(request, { database, user }) {
      const filter = filterOf(request, user);
      // All who are asked for by id come in one page.
      const limits = request.user_ids.length > 0 ? { ...listLimits, defaultLimit: listLimits.maxLimit } : listLimits;
      const page = readPage(request, { scope: ["users", filter], key: ["", 0, 0, ""], limits });
      const [key, id, isSimilar, moment] = page.after ?? [];
      const keyset = { ...page, after: page.after && [key!, id!, moment!] };
      const list = (spelling: "exact" | "similar") => listUsers(database, user, filter, spelling, keyset);

      let is_similar = isSimilar === 1;
      let rows = await list(is_similar ? "similar" : "exact");
      if (rows.length === 0 && !page.after && canSlip(filter.words)) {
        rows = await list("similar");
        is_similar = rows.length > 0;
      }
      const { rows: users, next_page_token } = pageOf(rows, page, ({ sort_key, id: last, moment: then }) => [
        sort_key,
        last,
        Number(is_similar),
        shortMoment(then),
      ]);
      return { users, next_page_token, is_similar };
    },

    getLeaderboard,

    async getUser({ user_id }, { database, user }) {
      const found = await store.findUser(database, user, user_id);
      if (!found) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      return found;
    },

    async getUserByNick({ nick }, { database, user }) {
      const found = await store.findUserByNick(database, user, nick);
      if (!found) throw new ApiError("USER_NOT_FOUND", "Nobody has this nick");
      return found;
    },
  };
}

/** What a request chooses. Throws PERMISSION_DENIED when it chooses by what the caller does not see. */
function filterOf(request: ListUsersRequest, { role }: Call["user"]): UserFilter {
  const { user_ids, school_class, group_id, suspended } = request;
  if (suspended !== undefined && role === "ROLE_STUDENT")
    throw new ApiError("PERMISSION_DENIED", "Who is suspended is known to teachers and super admins");
  return {
    words: searchWords(request.query),
    ids: user_ids,
    role: request.role,
    schoolClass: school_class,
    groupId: group_id,
    isSuspended: suspended,
  };
}
