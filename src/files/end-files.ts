// What ends with an account: the files that nothing uses, the avatar, and the diplomas of its achievements. What is attached to messages stays with them.
import type { EndAccountStep } from "../accounts/end-account.js";
import { listOwn } from "./claims-store.js";
import { releaseFiles } from "./claims.js";

export const endFiles: EndAccountStep = async (queries, { id }) => {
  await releaseFiles(queries, await listOwn(queries, id));
};
