// E-mail addresses, in any script: which texts are one, and which two are the same.
import { domainToASCII, domainToUnicode } from "node:url";

/** As the HTML standard has it: narrower than RFC 5322. Beyond ASCII all that is seen (RFC 6531). */
const localPart = /^(?:[\w.!#$%&'*+/=?^`{|}~-]|(?!\p{Default_Ignorable_Code_Point}|\u2800)[\u0080-\u{10ffff}])+$/u;
const isUnseen = /[\p{Z}\p{C}]/u;
const isAscii = /^[\0-\x7f]*$/;
/** No label of a domain has more characters in any script. */
const longestLabel = 63;

/** Whether a text is an e-mail address. A domain may be written in its own script or as xn--. One pass over the text. */
export function isEmail(text: string): boolean {
  const at = text.indexOf("@");
  if (at < 1 || at === text.length - 1) return false;
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (!localPart.test(local) || isUnseen.test(local)) return false;
  if (isAscii.test(domain)) return isHost(domain);
  // What is mapped to ASCII would hide what it is: a sign of the path, a dot, an escape.
  if (/[\0-,/:-@[-`{-\x7f]/.test(domain) || isUnseen.test(domain)) return false;
  const labels = domain.split(/[.\u3002\uff0e\uff61]/u);
  if (labels.some((label) => label.length > 2 * longestLabel || /^-|-$/.test(label))) return false;
  const ascii = domainToASCII(domain);
  return ascii !== "" && isHost(ascii);
}

/**
 * The one spelling of an address, in which addresses are stored and compared: NFC, in lower case, the domain in its own script. Of a
 * text that is no address, the same without a domain.
 */
export function canonicalEmail(text: string): string {
  const lower = text.trim().normalize("NFC").toLowerCase().normalize("NFC");
  if (!isEmail(lower)) return lower;
  const at = lower.indexOf("@") + 1;
  return lower.slice(0, at) + (domainToUnicode(lower.slice(at)) || lower.slice(at));
}

/** Labels of letters, digits and hyphens, with dots between them. */
function isHost(domain: string): boolean {
  return domain
    .split(".")
    .every((label) => label.length <= longestLabel && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(label));
}
