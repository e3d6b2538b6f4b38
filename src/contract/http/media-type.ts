// Parses media types and lists of them by the grammar of RFC 9110 (sections 5.6.1 to 5.6.6), in one pass over the text. It does
// not depend on the media types that are supported.

/** A media type or a media range. */
export interface MediaType {
  /** In lower case, without parameters: `application/json`, `application/*`. */
  readonly type: string;
  /** By name in lower case; values without their quotes. Of two parameters with one name, the first. */
  readonly params: ReadonlyMap<string, string>;
}

/** The members of a comma-separated list, without the white space around them and without empty ones. */
export function splitList(text: string): string[] {
  const members: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (quoted && char === "\\") at++;
    else if (char === '"') quoted = !quoted;
    else if ((char === "," && !quoted) || char === undefined) {
      members.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (start < text.length && quoted) members.push(text.slice(start));
  return members.map(trimBlanks).filter((member) => member !== "");
}

/** Parses `type/subtype; name=value; name="value"`; a parameter may lack its value. Undefined for any other text. */
export function parseMediaType(text: string): MediaType | undefined {
  const reader = new Reader(text);
  reader.blanks();
  const type = reader.token();
  if (type === "" || !reader.take("/")) return undefined;
  const subtype = reader.token();
  if (subtype === "") return undefined;
  const params = new Map<string, string>();
  for (reader.blanks(); reader.take(";"); reader.blanks()) {
    reader.blanks();
    const name = reader.token().toLowerCase();
    if (name === "") continue;
    const value = reader.take("=") ? reader.value() : "";
    if (value === undefined) return undefined;
    if (!params.has(name)) params.set(name, value);
  }
  return reader.atEnd() ? { type: `${type}/${subtype}`.toLowerCase(), params } : undefined;
}

const isToken = new Uint8Array(128);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  isToken[char.charCodeAt(0)] = 1;
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  blanks(): void {
    while (isBlank(this.text[this.at])) this.at++;
  }

  take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  token(): string {
    const start = this.at;
    while (isToken[this.text.charCodeAt(this.at)] === 1) this.at++;
    return this.text.slice(start, this.at);
  }

  value(): string | undefined {
    if (!this.take('"')) return this.token();
    let value = "";
    let start = this.at;
    for (; !this.atEnd(); this.at++) {
      const char = this.text[this.at];
      if (char !== '"' && char !== "\\") continue;
      value += this.text.slice(start, this.at);
      if (char === '"') {
        this.at++;
        return value;
      }
      start = ++this.at;
    }
    return undefined;
  }
}
