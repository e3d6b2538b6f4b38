// Links with which a password is reset: mailed to the person, or handed over by a super admin or the operator.
import type { Database, Queries } from "../../platform/database/database.js";
import { type AuditedCall, operatorCall, recordAudit } from "../../platform/audit/audit.js";
import { OperatorError } from "../../platform/operator-error.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { findPerson, type Person } from "../../users/people.js";
import { cancelLinks, findLink, issueLink, type LinkPurpose, useLink } from "../one-time-links/links.js";
import { findCredentialOf } from "../store.js";

const seconds = 20 * 60;
const mailed: LinkPurpose = { name: "password-reset", seconds };
/** Apart from those that are mailed: who can ask for a mail, which is anybody, could end the link of a person without a mailbox. */
const handedOver: LinkPurpose = { name: "password-reset-handed-over", seconds };
const purposes = [mailed, handedOver];

/** A link, and when it ends. */
export interface ResetLink {
  readonly url: string;
  /** As a timestamp of the contract. */
  readonly expiresAt: string;
}

/** The address of a page that reads a token behind `#`, which is sent to no server and so is in no log. */
export function linkTo(publicUrl: string, page: string, token: string): string {
  return `${publicUrl}/${page}#token=${token}`;
}

/** Makes a link to be mailed, as a step of a transaction; ends the one before that was mailed. */
export async function mailedResetLink(queries: Queries, userId: number, publicUrl: string): Promise<string> {
  return linkTo(publicUrl, "reset-password", await issueLink(queries, mailed, userId));
}

/**
 * Makes a link to be handed over, ends all before it, and records that, with `tell` as the last of the transaction. Undefined when the
 * user has no password.
 */
export async function handedOverResetLink(
  database: Database,
  call: AuditedCall,
  userId: number,
  publicUrl: string,
  tell: (queries: Queries) => Promise<void> = async () => undefined,
): Promise<ResetLink | undefined> {
  if (!(await findCredentialOf(database, userId))) return undefined;
  const token = await database.transaction(async (queries) => {
    await cancelLinks(queries, mailed, userId);
    const issued = await issueLink(queries, handedOver, userId);
    await recordAudit(queries, call, { action: "password.create_reset_link", target: ["user", userId] });
    await tell(queries);
    return issued;
  });
  const expiresAt = new Date(Date.now() + seconds * 1000).toISOString();
  return { url: linkTo(publicUrl, "reset-password", token), expiresAt };
}

/** The link of the person with an address, for the command line. Throws an OperatorError when nobody has it. */
export async function operatorResetLink(database: Database, email: string, publicUrl: string): Promise<ResetLink> {
  const person = await findPerson(database, { email: canonicalEmail(email) });
  const link = person && (await handedOverResetLink(database, operatorCall, person.id, publicUrl));
  if (!link) throw new OperatorError("No account with a password has this address: is it written as at the login?");
  return link;
}

/** Whose password the token of a link resets, without using it up; undefined when it resets none. */
export async function personOfResetLink(queries: Queries, token: string): Promise<Person | undefined> {
  for (const purpose of purposes) {
    const link = await findLink(queries, purpose, token);
    if (link) return findPerson(queries, { id: link.user_id });
  }
  return undefined;
}

/** Uses the link of a token up, as a step of a transaction. False when there is none any more. */
export async function useResetLink(queries: Queries, token: string): Promise<boolean> {
  for (const purpose of purposes) if (await useLink(queries, purpose, token)) return true;
  return false;
}
