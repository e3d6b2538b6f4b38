// The well-known forms of strings: URI, UUID; e-mail addresses stand apart. Each verdict is that of protovalidate, found in one pass
// over the text, because a client may send megabytes.

const digits = "0123456789";
const hexDigits = `${digits}abcdefABCDEF`;
const alphanumeric = `${digits}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const unreserved = `${alphanumeric}-._~`;
const subDelims = "!$&'()*+,;=";

const isDigit = oneOf(digits);
const isHex = oneOf(hexDigits);
const isAlphanumeric = oneOf(alphanumeric);
const isSchemeChar = oneOf(`${alphanumeric}+-.`);
const isZone = oneOf(unreserved);
const isName = oneOf(unreserved + subDelims);
const isUserinfo = oneOf(`${unreserved}${subDelims}:`);
const isPath = oneOf(`${unreserved}${subDelims}:@/`);
const isQuery = oneOf(`${unreserved}${subDelims}:@/?`);

/** A UUID (RFC 9562) with its hyphens, in either case. */
export function isUuid(text: string): boolean {
  return text.length === 36 && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** An absolute URI (RFC 3986, with the zones of RFC 6874). */
export function isUri(text: string): boolean {
  const [beforeFragment, fragment] = cut(text, "#");
  const [beforeQuery, query] = cut(beforeFragment, "?");
  const [scheme, hierarchy] = cut(beforeQuery, ":");
  if (hierarchy === undefined || !all(scheme, isSchemeChar)) return false;
  if (!isAlphanumeric[scheme.charCodeAt(0)] || isDigit[scheme.charCodeAt(0)]) return false;
  if (!allOrEscaped(query ?? "", isQuery) || !allOrEscaped(fragment ?? "", isQuery)) return false;
  if (!hierarchy.startsWith("//")) return allOrEscaped(hierarchy, isPath);
  const slash = hierarchy.indexOf("/", 2);
  const [authority, path] = slash < 0 ? [hierarchy, ""] : [hierarchy.slice(0, slash), hierarchy.slice(slash)];
  return isAuthority(authority.slice(2)) && allOrEscaped(path, isPath);
}

function isAuthority(authority: string): boolean {
  const at = authority.indexOf("@");
  if (at >= 0 && !allOrEscaped(authority.slice(0, at), isUserinfo)) return false;
  const place = authority.slice(at + 1);
  const end = place.startsWith("[") ? place.indexOf("]") + 1 : place.indexOf(":");
  const host = end < 0 ? place : place.slice(0, end);
  const port = end < 0 ? "" : place.slice(end);
  if (port !== "" && !(port.startsWith(":") && all(port.slice(1), isDigit))) return false;
  if (place.startsWith("[") ? !isIpLiteral(host.slice(1, -1)) : !allOrEscaped(host, isName)) return false;
  return !host.includes("%") || isUtf8(host);
}

/** The text between the brackets; like protovalidate, it refuses an IPv4 address at the end. */
function isIpLiteral(text: string): boolean {
  if (text.startsWith("v")) {
    const [version, address] = cut(text.slice(1), ".");
    return (
      version !== "" && all(version, isHex) && !!address && !address.includes("%") && allOrEscaped(address, isUserinfo)
    );
  }
  const [address, zone] = cut(text, "%25");
  return isIpv6(address) && (zone === undefined || (zone !== "" && allOrEscaped(zone, isZone)));
}

function isIpv6(text: string): boolean {
  if (text.length > 39) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const pieces = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  if (!pieces.every((piece) => piece.length >= 1 && piece.length <= 4 && all(piece, isHex))) return false;
  return halves.length === 2 ? pieces.length < 8 : pieces.length === 8;
}

/** Whether the escapes of a host are UTF-8. */
function isUtf8(host: string): boolean {
  try {
    decodeURIComponent(host);
    return true;
  } catch {
    return false;
  }
}

function cut(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

function oneOf(chars: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}

function all(text: string, allowed: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!allowed[text.charCodeAt(at)]) return false;
  }
  return true;
}

/** Like `all`, but escapes such as %41 are allowed too. */
function allOrEscaped(text: string, allowed: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "%") {
      if (!isHex[text.charCodeAt(at + 1)] || !isHex[text.charCodeAt(at + 2)]) return false;
      at += 2;
    } else if (!allowed[text.charCodeAt(at)]) return false;
  }
  return true;
}
