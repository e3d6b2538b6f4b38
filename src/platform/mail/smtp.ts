// Delivers mail by SMTP.
import type { Transporter } from "nodemailer";
import type { Mail } from "./mailer.js";

export interface SmtpSettings {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. Checked. */
  readonly url: string;
  /** Whom mail is from. */
  readonly from: Mail["to"];
  /** How long a mail server may take for each step, in milliseconds. 10,000 when absent. */
  readonly stepMs?: number;
}

export interface Smtp {
  deliver(mail: Mail): Promise<void>;
  close(): void;
}

/** Prepares delivery; reads the library at the first mail, and connects for each. A password is sent over TLS alone, except to this machine. */
export function smtp({ url, from, stepMs = 10_000 }: SmtpSettings): Smtp {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isSecure = protocol === "smtps:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isLocal = ["localhost", "127.0.0.1", "::1"].includes(host);
  const settings = {
    host,
    port: port === "" ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    requireTLS: !isSecure && username !== "" && !isLocal,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  let opened: Promise<Transporter> | undefined;
  const open = (): Promise<Transporter> =>
    (opened ??= import("nodemailer").then(({ createTransport }) => createTransport(settings)));
  return {
    async deliver({ to, subject, text }) {
      // Each address as an object: a text would be read as a list of addresses.
      const transport = await open();
      await transport.sendMail({
        from: { ...from },
        to: { name: to.name, address: to.address },
        subject,
        text,
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    },
    close: () => void opened?.then((transport) => transport.close()),
  };
}
