// The links of invites.
import { type AuditedCall, recordAudits } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { issueLinks, type LinkPurpose } from "../one-time-links/links.js";

/** The link of an invite: for a week. */
export const invite: LinkPurpose = { name: "invite", seconds: 7 * 24 * 3600 };

/** Makes the links of users, as a step of a transaction, and records them. Their earlier ones work no longer. By the ids of the users. */
export async function inviteLinks(
  queries: Queries,
  call: AuditedCall,
  userIds: readonly number[],
  publicUrl: string,
): Promise<ReadonlyMap<number, string>> {
  const tokens = await issueLinks(queries, invite, userIds);
  await recordAudits(
    queries,
    call,
    userIds.map((id) => ({ action: "user.invite", target: ["user", id] })),
  );
  return new Map([...tokens].map(([id, token]) => [id, `${publicUrl}/accept-invite#token=${token}`]));
}

/** The same for one user. */
export async function inviteLink(
  queries: Queries,
  call: AuditedCall,
  userId: number,
  publicUrl: string,
): Promise<string> {
  return (await inviteLinks(queries, call, [userId], publicUrl)).get(userId)!;
}
