// Changing and resetting passwords.
import type { Call, Handlers } from "../../call.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { ApiError } from "../../errors.js";
import type { PasswordService } from "../../gen/lyceum/v1/password.js";
import { recordAudit } from "../../platform/audit/audit.js";
import type { Background } from "../../platform/background.js";
import type { Queries } from "../../platform/database/database.js";
import { createFailureLimiter } from "../../platform/failure-limit.js";
import { findPerson, type Person } from "../../users/people.js";
import { linkMadeMail, type MailSender, mailTo, passwordChangedMail, resetMail } from "../account-mails.js";
import { invalidCredentials, linkNotValid } from "../challenge.js";
import { cancelAllLinks } from "../one-time-links/links.js";
import { endSessionsOf } from "../sessions/end-sessions.js";
import type { Revocations } from "../sessions/revocations.js";
import { findCredentialOf, replacePassword } from "../store.js";
import { requireUncommonPassword } from "./common-passwords.js";
import { confirmPassword } from "./confirm-password.js";
import type { Passwords } from "./passwords.js";
import { handedOverResetLink, mailedResetLink, personOfResetLink, useResetLink } from "./reset-links.js";

/** So many links are mailed to one account within an hour, by this process. */
const mailedAnHour = 5;

type PasswordMethods = Pick<
  Handlers<PasswordService>,
  "changePassword" | "requestPasswordReset" | "resetPassword" | "createPasswordResetLink"
>;

/** The dependencies of the handlers of PasswordService. */
export interface PasswordDeps extends MailSender {
  readonly passwords: Passwords;
  readonly revocations: Pick<Revocations, "add">;
  readonly background: Background;
  /** What links in mails begin with. */
  readonly publicUrl: string;
}

/** The handlers of PasswordService that concern passwords. */
export function passwordHandlers(deps: PasswordDeps): PasswordMethods {
  const { passwords, revocations, appName, publicUrl, mailer, background } = deps;
  const requests = createFailureLimiter();

  async function requireUncommon(password: string, { email, first_name, last_name }: Person): Promise<void> {
    await requireUncommonPassword("new_password", password, { email, names: [first_name, last_name], appName });
  }

  /** Counts a request for a link; false when it is one too many. */
  function isOneMore(userId: number): boolean {
    try {
      const hour = { seconds: 3_600, delaySeconds: 3_600, longestSeconds: 3_600 };
      requests.begin([{ key: String(userId), failures: mailedAnHour, ...hour }]).failed();
      return true;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  }

  async function mailLink(call: Call, person: Person): Promise<void> {
    if (!(await findCredentialOf(call.database, person.id))) return;
    await call.database.transaction(async (queries) => {
      const url = await mailedResetLink(queries, person.id, publicUrl);
      await recordAudit(queries, call, { action: "password.request_reset", target: ["user", person.id] });
      await mailTo(deps, queries, person, resetMail(url));
    });
  }

  return {
    async changePassword({ current_password, new_password }, call) {
      const { database, user } = call;
      const { person, credential, client } = await confirmPassword(
        passwords,
        call,
        current_password,
        "password.change",
      );
      await requireUncommon(new_password, person);
      const hash = await passwords.hash(new_password, client);
      const afterCommit = await database.transaction(async (queries) => {
        await cancelAllLinks(queries, user.id);
        // Another request has changed it meanwhile, and maybe ended this session.
        if (!(await replacePassword(queries, user.id, hash, credential.generation))) throw invalidCredentials();
        const work = await endSessionsOf(revocations, queries, user.id, user.sessionId);
        await recordAudit(queries, call, { action: "password.change", target: ["user", user.id] });
        await mailTo(deps, queries, person, passwordChangedMail);
        return work;
      });
      await afterCommit(database);
      return {};
    },

    async requestPasswordReset({ email }, call) {
      const person = await findPerson(call.database, { email: canonicalEmail(email) });
      // The rest takes its time after the answer: it must not reveal whether an account exists.
      if (person && mailer.isOn && isOneMore(person.id))
        background.run(call.log, "a link to reset a password", () => mailLink(call, person));
      return {};
    },

    async resetPassword({ token, new_password }, call) {
      const { database, client, signal } = call;
      const person = await personOfResetLink(database, token);
      if (!person) throw linkNotValid();
      await requireUncommon(new_password, person);
      const account = canonicalEmail(person.email);
      const hash = await passwords.hash(new_password, { address: client.address, account, signal });
      const afterCommit = await database.transaction(async (queries) => {
        if (!(await useResetLink(queries, token))) throw linkNotValid();
        await cancelAllLinks(queries, person.id);
        if (!(await replacePassword(queries, person.id, hash))) throw linkNotValid();
        const work = await endSessionsOf(revocations, queries, person.id);
        await recordAudit(queries, call, {
          action: "password.reset",
          actorId: person.id,
          target: ["user", person.id],
        });
        await mailTo(deps, queries, person, passwordChangedMail);
        return work;
      });
      await afterCommit(database);
      return {};
    },

    async createPasswordResetLink({ user_id }, call) {
      const person = await findPerson(call.database, { id: user_id });
      const tell = (queries: Queries): Promise<void> => mailTo(deps, queries, person!, linkMadeMail);
      const link = person && (await handedOverResetLink(call.database, call, user_id, publicUrl, tell));
      if (!link) throw new ApiError("USER_NOT_FOUND", `User with id=${user_id} not found, or without a password`);
      return { reset_url: link.url, expires_at: link.expiresAt };
    },
  };
}
