// Invites: an account that others made, and the link with which its owner sets a password.
import type { Handlers } from "../../call.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { ApiError } from "../../errors.js";
import type { AccountService, InvitedUser } from "../../gen/lyceum/v1/account.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Queries } from "../../platform/database/database.js";
import { createUser, findPerson, tellCreated } from "../../users/people.js";
import {
  acceptInvite,
  type Invited,
  inviteUser,
  isAbove,
  lockUsersToChange,
  type Standing,
} from "../../users/standing.js";
import { inviteMail, type MailSender, mailTo } from "../account-mails.js";
import { lockBelow, lockCaller, notAbove } from "../above.js";
import { linkNotValid } from "../challenge.js";
import { endAccount, type EndAccountStep } from "../end-account.js";
import { findLink, useLink } from "../one-time-links/links.js";
import { requireUncommonPassword } from "../passwords/common-passwords.js";
import type { Passwords } from "../passwords/passwords.js";
import { invite, inviteLink } from "./invite-links.js";
import { beginSession, requireOwnPage, type SessionDeps } from "../sessions/begin-session.js";
import { insertCredential } from "../store.js";

export interface InviteDeps extends SessionDeps, MailSender {
  /** The address under which people reach the server: it begins the link. */
  readonly publicUrl: string;
  readonly passwords: Passwords;
}

type InviteHandlers = Pick<Handlers<AccountService>, "createUser" | "resendInvite" | "cancelInvite" | "acceptInvite">;

/** The handlers of invites. `endSteps` are the steps that end an account. */
export function inviteHandlers(deps: InviteDeps, endSteps: readonly EndAccountStep[]): InviteHandlers {
  const { mailer, publicUrl, passwords, appName } = deps;

  /** Mails the link; where mail is off, the caller gets it. */
  async function handOver(queries: Queries, user: Invited, url: string): Promise<InvitedUser> {
    const invite_expires_at = new Date(Date.parse(user.invited_at) + invite.seconds * 1000).toISOString();
    const answer = { ...user, invite_expires_at };
    if (!mailer.isOn) return { ...answer, invite_url: url };
    await mailTo(deps, queries, user, inviteMail(url));
    return answer;
  }

  return {
    async createUser({ email, ...others }, call) {
      const draft = { ...others, email: canonicalEmail(email), isInvited: true };
      return call.database.transaction(async (queries) => {
        await lockCaller(queries, call.user);
        if (!isAbove(call.user.role, draft.role)) throw notAbove("Teachers make accounts of students");
        const user = (await createUser(queries, draft)) as Invited;
        await tellCreated(queries, call.user.id, [user.id]);
        return handOver(queries, user, await inviteLink(queries, call, user.id, publicUrl));
      });
    },

    async resendInvite({ user_id }, call) {
      return call.database.transaction(async (queries) => {
        requireInvited(await lockBelow(queries, call.user, user_id));
        const user = await inviteUser(queries, user_id);
        return handOver(queries, user, await inviteLink(queries, call, user.id, publicUrl));
      });
    },

    async cancelInvite({ user_id }, call) {
      await endAccount(call.database, { id: user_id, actorId: call.user.id }, endSteps, async (queries) => {
        requireInvited(await lockBelow(queries, call.user, user_id));
        await recordAudit(queries, call, { action: "user.cancel_invite", target: ["user", user_id] });
      });
      return {};
    },

    async acceptInvite({ token, password, device_name: deviceName, cookie }, call) {
      // Before the link is used.
      requireOwnPage(call, { cookie });
      const { database, client, signal } = call;
      // Before a password is hashed, which costs much: whoever has no link costs a look-up.
      const link = await findLink(database, invite, token);
      if (!link) throw linkNotValid();
      const userId = link.user_id;
      const person = await findPerson(database, { id: userId });
      if (!person) throw linkNotValid();
      const { email, first_name, last_name } = person;
      await requireUncommonPassword("password", password, { email, names: [first_name, last_name], appName });
      const asker = { address: client.address, account: canonicalEmail(email), signal };
      const passwordHash = await passwords.hash(password, asker);
      await database.transaction(async (queries) => {
        // The user first: the order of locks.
        const [user] = await lockUsersToChange(queries, [userId]);
        if (!user || !(await useLink(queries, invite, token))) throw linkNotValid();
        await acceptInvite(queries, userId);
        await recordAudit(queries, call, {
          action: "user.accept_invite",
          actorId: userId,
          target: ["user", userId],
        });
        await insertCredential(queries, userId, passwordHash);
      });
      const tokens = await beginSession(deps, call, { userId, by: "invite", deviceName, cookie }).catch(ifSuspended);
      // The account has ended or was suspended since.
      if (!tokens) throw linkNotValid();
      return tokens;
    },
  };
}

function requireInvited({ id, is_invited }: Standing): void {
  if (!is_invited) throw new ApiError("INVITE_ACCEPTED", `User with id=${id} has no open invite`);
}

/** Undefined for the refusal of a suspended account, whose link does not work. */
function ifSuspended(error: unknown): undefined {
  if (!(error instanceof ApiError && error.reason === "ACCOUNT_SUSPENDED")) throw error;
}
