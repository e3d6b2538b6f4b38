// What ends with an account: its drafts, and its votes. What it has published stays, without a name.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deleteDrafts } from "./store.js";
import { deleteVotes } from "./votes/store.js";

export const endPosts: EndAccountStep = async (queries, { id }) => {
  await deleteDrafts(queries, id);
  await deleteVotes(queries, id);
};
