// Changing the e-mail address of an account: it changes when the new address is confirmed.
import type { Handlers } from "../../call.js";
import { canonicalEmail } from "../../contract/validation/email.js";
import { ApiError } from "../../errors.js";
import type { PasswordService } from "../../gen/lyceum/v1/password.js";
import { recordAudit } from "../../platform/audit/audit.js";
import { recordUpdates } from "../../platform/updates/updates.js";
import { changeEmail, findPerson } from "../../users/people.js";
import { addressAskedMail, addressChangedMail, confirmAddressMail, mailTo } from "../account-mails.js";
import { linkNotValid } from "../challenge.js";
import { cancelAllLinks, findLink, issueLink, type LinkPurpose, useLink } from "../one-time-links/links.js";
import { confirmPassword } from "../passwords/confirm-password.js";
import type { PasswordDeps } from "../passwords/handlers.js";
import { linkTo } from "../passwords/reset-links.js";

/** The payload is the new address. */
const confirmation: LinkPurpose = { name: "email-change", seconds: 24 * 3_600 };

/** The handlers of PasswordService that concern addresses. */
export function emailChangeHandlers(
  deps: Omit<PasswordDeps, "revocations" | "background">,
): Pick<Handlers<PasswordService>, "requestEmailChange" | "confirmEmailChange"> {
  const { passwords, mailer, publicUrl } = deps;
  return {
    async requestEmailChange({ email, current_password }, call) {
      if (!mailer.isOn) throw new ApiError("MAIL_OFF", "This server cannot mail a link to the new address");
      const { person } = await confirmPassword(passwords, call, current_password, "email.request_change");
      const address = canonicalEmail(email);
      await call.database.transaction(async (queries) => {
        const token = await issueLink(queries, confirmation, person.id, address);
        await recordAudit(queries, call, { action: "email.request_change", target: ["user", person.id] });
        await mailTo(deps, queries, person, confirmAddressMail(linkTo(publicUrl, "confirm-email", token)), address);
        await mailTo(deps, queries, person, addressAskedMail);
      });
      return {};
    },

    async confirmEmailChange({ token }, call) {
      const link = await findLink(call.database, confirmation, token);
      const person = link && (await findPerson(call.database, { id: link.user_id }));
      if (!person) throw linkNotValid();
      await call.database.transaction(async (queries) => {
        // The user is locked before the link, as in every transaction.
        const before = await changeEmail(queries, person.id, link.payload);
        if (before === undefined || !(await useLink(queries, confirmation, token))) throw linkNotValid();
        await cancelAllLinks(queries, person.id);
        await recordUpdates(queries, person.id, [
          { topic: `user:${person.id}`, kind: "user.changed", subjectId: person.id },
          { topic: "staff", kind: "user.changed", subjectId: person.id },
        ]);
        await recordAudit(queries, call, {
          action: "email.change",
          actorId: person.id,
          target: ["user", person.id],
        });
        await mailTo(deps, queries, person, addressChangedMail);
        await mailTo(deps, queries, person, addressChangedMail, link.payload);
      });
      return {};
    },
  };
}
