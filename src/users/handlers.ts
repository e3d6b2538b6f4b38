// Finding users.
import type { Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { UserService } from "../gen/lyceum/v1/user.js";
import { shortMoment } from "../platform/list-moment.js";
import { listLimits, pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import { listChosenUsers } from "./chosen-store.js";
import * as store from "./store.js";

/** The handlers of UserService. */
export function userHandlers(): Handlers<UserService> {
  return {
    async listUsers(request, { database, user }) {
      const [words, ids] = [searchWords(request.query), request.user_ids];
      const isChosen = ids.length > 0;
      // All who are asked for by id come in one page.
      const limits = isChosen ? { ...listLimits, defaultLimit: listLimits.maxLimit } : listLimits;
      const page = readPage(request, { scope: ["users", words, ids], key: ["", 0, ""], limits });
      const rows = isChosen
        ? await listChosenUsers(database, user, words, ids, page)
        : await store.listUsers(database, user, words, page);
      const { rows: users, next_page_token } = pageOf(rows, page, ({ sort_key, id, moment }) => [
        sort_key,
        id,
        shortMoment(moment),
      ]);
      return { users, next_page_token };
    },

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
