// The values of variables of the environment that are more than a number or a choice: addresses, senders, lists.
import type { Role } from "./gen/lyceum/v1/user.js";

export function isPublicUrl(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

export function isPostgresUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value);
}

/** Without options after the host: they could take back what the mailer sets. */
export function isSmtpUrl(value: string): boolean {
  if (!/^smtps?:\/\/[^/]/.test(value) || !URL.canParse(value)) return false;
  const { hostname, pathname, search, hash, username, password } = new URL(value);
  const isDecodable = !/%(?![0-9A-Fa-f]{2})/.test(username + password);
  return hostname !== "" && /^\/?$/.test(pathname) && search === "" && hash === "" && isDecodable;
}

/** An address, alone or as `Name <address>`. */
export function readSender(
  value: string | undefined,
  appName: string,
  faults: string[],
): { readonly name: string; readonly address: string } | undefined {
  if (value === undefined) return undefined;
  const match = /^(?:(?<name>[^<>\p{Cc}]*?)\s*<(?<inside>[^<>]*)>|(?<bare>[^<>]*))$/u.exec(value)?.groups;
  const address = match?.["inside"] ?? match?.["bare"] ?? "";
  const name = (match?.["name"] ?? "").replace(/^"(.*)"$/, "$1");
  if (/^[^\s@",;:<>()]+@[^\s@",;:<>()]+$/.test(address)) return { name: name || appName, address };
  faults.push("MAIL_FROM must be an e-mail address, or a name and one: Lyceum <no-reply@school.example>");
  return undefined;
}

export function readOrigins(value: string | undefined, faults: string[]): string[] {
  const origins = (value ?? "").split(",").flatMap((part) => part.trim() || []);
  const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
  if (!origins.every(isOrigin))
    faults.push("CORS_ORIGINS must be origins with commas between them, such as https://school.example");
  return origins;
}

export function readMfaRoles(value: string | undefined, faults: string[]): Role[] {
  const roles: Readonly<Record<string, Role>> = { teacher: "ROLE_TEACHER", super_admin: "ROLE_SUPER_ADMIN" };
  const names = (value ?? "").split(",").flatMap((part) => part.trim() || []);
  if (!names.every((name) => Object.hasOwn(roles, name)))
    faults.push("REQUIRE_MFA_ROLES must be teacher, super_admin, or both with a comma between them");
  return names.flatMap((name) => roles[name] ?? []);
}

export function readProxies(value: string | undefined, faults: string[]): number {
  if (value === undefined || value === "false") return 0;
  if (value === "true") return 1;
  if (/^\d{1,2}$/.test(value)) return Number(value);
  faults.push("TRUST_PROXY must be true, false or the number of proxies before the server");
  return 0;
}
