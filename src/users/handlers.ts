// Finding people.
import type { Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { UserService } from "../gen/lyceum/v1/user.js";
import { pageOf, pageSize, pageStart } from "../platform/page.js";
import * as store from "./store.js";

/** The handlers of UserService. */
export function userHandlers(): Handlers<UserService> {
  return {
    async listUsers(request, { database, user }) {
      const words = (request.query ?? "").split(/\s+/).filter(Boolean);
      const scope = ["users", words];
      const after = pageStart(request, scope, ["", 0]);
      const size = pageSize(request);
      const span = { after, limit: size + 1, skip: request.skip ?? 0 };
      const rows = await store.listUsers(database, user, words, span);
      const { rows: users, next_page_token } = pageOf(rows, size, scope, ({ sort_key, id }) => [sort_key, id]);
      return { users, next_page_token };
    },

    async getUser({ user_id }, { database, user }) {
      const person = await store.findUser(database, user, user_id);
      if (!person) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      return person;
    },
  };
}
