// Changing a person, as a step of a transaction that has locked them.
import { ApiError } from "../../errors.js";
import { isUniqueViolation, type Queries } from "../../platform/database/database.js";
import { updateUser, type UserChange, type WhatChanged } from "./change-store.js";

export type { UserChange, WhatChanged } from "./change-store.js";

const linksOfOne = ["telegram", "github", "stepik", "kaggle"] as const;

/**
 * Changes a person, whom the transaction has locked, and returns what was changed; undefined when all is so already, and then the
 * version stays. Throws NICK_TAKEN and LINK_TAKEN when another person has the nick or a link.
 */
export async function changeUser(queries: Queries, id: number, change: UserChange): Promise<WhatChanged | undefined> {
  try {
    return await updateUser(queries, id, change);
  } catch (cause) {
    if (isUniqueViolation(cause, "users_nick_unique"))
      throw new ApiError("NICK_TAKEN", "Another person has this nick", { cause });
    const link = linksOfOne.find((field) => isUniqueViolation(cause, `users_${field}_unique`));
    if (link === undefined) throw cause;
    throw new ApiError("LINK_TAKEN", `Another person has this link: profile.links.${link}`, { cause });
  }
}
