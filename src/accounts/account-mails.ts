// What the owner of an account is told by mail. A link stands alone on its line.
import type { Queries } from "../platform/database/database.js";
import type { Mail, Mailer } from "../platform/mail/mailer.js";
import type { Person } from "../users/people.js";

/** A server as its mail names it. */
export interface MailSender {
  readonly mailer: Mailer;
  readonly appName: string;
}

type Text = Pick<Mail, "subject" | "text">;

/** Mails a text to a person, at their address or another one of theirs, in the transaction of what the mail tells. */
export async function mailTo(
  sender: MailSender,
  queries: Queries,
  person: Person,
  text: (appName: string) => Text,
  address = person.email,
): Promise<void> {
  await sender.mailer.send(queries, [mailOf(sender, { ...person, email: address }, text)]);
}

/** Mails many people, each their own text; who waits for a mail gets theirs before. */
export async function mailAll(
  sender: MailSender,
  queries: Queries,
  mails: readonly { readonly person: Addressee; readonly text: (appName: string) => Text }[],
): Promise<void> {
  const all = mails.map(({ person, text }) => mailOf(sender, person, text));
  await sender.mailer.send(queries, all, { isBulk: true });
}

/** Whom a mail is for. */
export type Addressee = Pick<Person, "first_name" | "last_name" | "email">;

function mailOf(
  { appName }: MailSender,
  { first_name, last_name, email }: Addressee,
  text: (appName: string) => Text,
): Mail {
  const { subject, text: body } = text(appName);
  return { to: { name: `${first_name} ${last_name}`, address: email }, subject, text: `${body}\n\n-- \n${appName}\n` };
}

const notYou = "If it was not you, tell your school at once.";

export const resetMail =
  (url: string) =>
  (appName: string): Text => ({
    subject: `Reset your password at ${appName}`,
    text: `Somebody asked for a new password for your account at ${appName}. To choose one, open this link within 20 minutes:\n\n${url}\n\nIf it was not you, do nothing: your password stays as it is.`,
  });

export const passwordChangedMail = (appName: string): Text => ({
  subject: `Your password at ${appName} was changed`,
  text: `The password of your account at ${appName} was changed, and your other devices were logged out. ${notYou}`,
});

export const linkMadeMail = (appName: string): Text => ({
  subject: `A link to reset your password at ${appName} was made`,
  text: `A super admin of ${appName} has made a link with which your password can be reset, to hand it over to you. If you did not ask for it, tell your school at once.`,
});

export const confirmAddressMail =
  (url: string) =>
  (appName: string): Text => ({
    subject: `Confirm your new address at ${appName}`,
    text: `Somebody asked to use this address for their account at ${appName}. If it was you, open this link within 24 hours:\n\n${url}\n\nIf it was not you, do nothing.`,
  });

export const addressAskedMail = (appName: string): Text => ({
  subject: `A new address for your account at ${appName}`,
  text: `Somebody with your password asked to change the address of your account at ${appName}. It changes when the new address is confirmed. If it was not you, change your password now: that ends the link.`,
});

export const addressChangedMail = (appName: string): Text => ({
  subject: `The address of your account at ${appName} was changed`,
  text: `The address of your account at ${appName} was changed. From now on you log in with the new one. ${notYou}`,
});

export const inviteMail =
  (url: string) =>
  (appName: string): Text => ({
    subject: `Your account at ${appName}`,
    text: `There is an account for you at ${appName}. To choose its password, open this link within seven days:\n\n${url}\n\nIt works once. Whoever has it can take the account, so do not pass it on. If this is not for you, do nothing.`,
  });
