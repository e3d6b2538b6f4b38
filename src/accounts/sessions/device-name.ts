// The name of a device in the list of sessions, from its User-Agent.
import Bowser from "bowser";

/** Such as "Firefox on Windows", or "okhttp" for a program. Empty when the text says nothing. */
export function deviceNameOf(userAgent: string): string {
  if (userAgent.trim() === "") return "";
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name && os.name) return `${browser.name} on ${os.name}`;
  // The first product (RFC 9110, section 10.1.5).
  return /^[^\s/(]{1,50}/.exec(userAgent)?.[0] ?? "";
}
