// What a person is told by mail about their second factor, so that they notice what they did not do themselves.
import type { User } from "../../gen/lyceum/v1/user.js";
import type { Queries } from "../../platform/database/database.js";
import type { Mailer } from "../../platform/mail/mailer.js";

export type Notice =
  | { readonly kind: "enabled" | "disabled" | "reset" | "codes renewed" }
  | { readonly kind: "recovery code used"; readonly left: number }
  | { readonly kind: "passkey added" | "passkey removed"; readonly name: string };

/** Tells a person, where mail leaves this server, in the transaction of what it tells. The mail has no code and no link. */
export async function tell(
  mailer: Pick<Mailer, "send" | "isOn"> | undefined,
  appName: string,
  queries: Queries,
  { email, first_name, last_name }: User,
  notice: Notice,
): Promise<void> {
  if (!mailer?.isOn || email === undefined) return;
  const to = { name: `${first_name} ${last_name}`, address: email };
  const text = `${sentenceOf(notice)}\n\nIf this was not you, change your password, and ask for help at your school.\n`;
  await mailer.send(queries, [{ to, subject: `${appName}: ${subjectOf(notice)}`, text }]);
}

function subjectOf({ kind }: Notice): string {
  if (kind === "passkey added" || kind === "passkey removed") return "your passkeys";
  return kind === "recovery code used" || kind === "codes renewed" ? "your recovery codes" : "your second factor";
}

function sentenceOf(notice: Notice): string {
  switch (notice.kind) {
    case "enabled":
      return "A second factor was enabled for your account. From now on a login needs a code of the authenticator app.";
    case "disabled":
      return "The second factor of your account was removed. From now on a login needs the password alone.";
    case "reset":
      return "An administrator has removed the second factor of your account, and ended your sessions. Set up a new one.";
    case "codes renewed":
      return "Your account has new recovery codes. The ones of before are no longer good.";
    case "recovery code used":
      return `A recovery code was used to log in to your account. ${notice.left} are left.`;
    case "passkey added":
      return `A passkey was added to your account: ${notice.name}. It logs in without a password.`;
    case "passkey removed":
      return `A passkey of your account was removed: ${notice.name}.`;
  }
}
