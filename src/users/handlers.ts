// Finding users.
import type { Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { UserService } from "../gen/lyceum/v1/user.js";
import { pageOf, readPage } from "../platform/page.js";
import { searchWords } from "../platform/search-words.js";
import * as store from "./store.js";

/** The handlers of UserService. */
export function userHandlers(): Handlers<UserService> {
  return {
    async listUsers(request, { database, user }) {
      const words = searchWords(request.query);
      const page = readPage(request, { scope: ["users", words], key: ["", 0] });
      const rows = await store.listUsers(database, user, words, page);
      const { rows: users, next_page_token } = pageOf(rows, page, ({ sort_key, id }) => [sort_key, id]);
      return { users, next_page_token };
    },

    async getUser({ user_id }, { database, user }) {
      const found = await store.findUser(database, user, user_id);
      if (!found) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      return found;
    },
  };
}
