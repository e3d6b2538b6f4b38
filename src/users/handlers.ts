// Finding people.
import type { Handlers } from "../call.js";
import type { UserService } from "../gen/lyceum/v1/user.js";
import { ApiError } from "../errors.js";
import * as store from "./store.js";

/** The handlers of UserService. */
export function userHandlers(): Handlers<UserService> {
  return {
    async listUsers() {
      throw new Error("not yet");
    },
    async getUser({ user_id }, { database, user }) {
      const person = await store.findUser(database, user, user_id);
      if (!person) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found`);
      return person;
    },
  };
}
