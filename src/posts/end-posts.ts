// What ends with an account: its drafts, and its votes, in polls too. What it has published stays, without a name.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deleteVotes as deletePollVotes } from "./polls/votes-store.js";
import { deleteDrafts } from "./store.js";
import { deleteVotes } from "./votes/store.js";

export const endPosts: EndAccountStep = async (queries, { id }) => {
  await deleteDrafts(queries, id);
  await deleteVotes(queries, id);
  await deletePollVotes(queries, id);
};
