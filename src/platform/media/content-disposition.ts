// The header Content-Disposition (RFC 6266), with names in any language (RFC 8187).
import { cleanFileName } from "./file-name.js";

/**
 * The header for a file that is shown ("inline") or saved ("attachment"). It is printable ASCII whatever the name is. The name is
 * cleaned first; one that ASCII has not, or that some browsers would decode (%41), stands in filename* as well.
 */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const clean = cleanFileName(name);
  const ascii = clean.replace(/[^\x20-\x7e]|[%"\\]/gu, "_");
  const header = `${kind}; filename="${ascii}"`;
  return ascii === clean ? header : `${header}; filename*=UTF-8''${extendedValue(clean)}`;
}

function extendedValue(text: string): string {
  return encodeURIComponent(text).replace(/[*'()]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

const kindPattern = /[\t ]*[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
// Letters beyond ASCII stand here unquoted in what many programs write.
const parameterPattern =
  /[\t ]*;[\t ]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)[\t ]*=[\t ]*(?:"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x1f\x7f])*)"|([!#$%&'*+.^_`|~0-9A-Za-z\x80-\xff-]+)))?/uy;
const endPattern = /[\t ]*$/y;

/** What a request says of its file: the name as `cleanFileName` gives it, where there is one. */
export interface ReadDisposition {
  readonly name?: string;
}

/**
 * Reads the header of a request, in which each character is a byte, as Node.js gives it. `filename*` comes before `filename`,
 * and is ignored where it is not UTF-8 as RFC 8187 has it. `filename` is read as UTF-8, else as ISO 8859-1; percent signs in it are
 * itself. Undefined for a header that breaks the grammar or has a parameter twice: that is to be refused.
 */
export function readContentDisposition(header: string): ReadDisposition | undefined {
  const parameters = parametersOf(header);
  if (!parameters) return undefined;
  const plain = parameters.get("filename");
  const name = readExtended(parameters.get("filename*")) ?? (plain === undefined ? undefined : fromBytes(plain));
  return name === undefined || name === "" ? {} : { name: cleanFileName(name) };
}

function parametersOf(header: string): ReadonlyMap<string, string> | undefined {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  if (!take(kindPattern)) return undefined;
  const parameters = new Map<string, string>();
  for (let match = take(parameterPattern); match; match = take(parameterPattern)) {
    const [, name, quoted, token] = match;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, quoted?.replace(/\\(.)/gu, "$1") ?? token!);
  }
  return take(endPattern) ? parameters : undefined;
}

/** The text of an ext-value in UTF-8; undefined for any other. */
function readExtended(value: string | undefined): string | undefined {
  const [, encoded] = /^utf-8'[A-Za-z0-9-]*'((?:%[0-9A-Fa-f]{2}|[!#$&+.^_`|~0-9A-Za-z-])*)$/i.exec(value ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return readUtf8(bytes);
}

function fromBytes(bytes: string): string {
  return readUtf8(bytes) ?? bytes;
}

function readUtf8(bytes: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}
