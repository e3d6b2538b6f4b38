// What ends with an account: its achievements; their files end with those of the account. Who has decided about those of others stays
// known by the id.
import type { EndAccountStep } from "../accounts/end-account.js";
import { deleteAllOf } from "./store.js";

export const endAchievements: EndAccountStep = (queries, { id }) => deleteAllOf(queries, id);
