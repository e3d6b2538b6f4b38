// The name of a file that somebody uploads, as every system can store and show it. It never says where anything is stored.

/** The most bytes of a name in UTF-8: what the file systems in use take. */
const mostBytes = 255;
/** A longer ending than this is no extension, in bytes. */
const mostExtensionBytes = 32;
/** More of a name is not looked at, in UTF-16. */
const mostLetters = 1024;
const unnamed = "file";

/** What has another meaning than itself in a path of some system, and what no name on Windows may contain. */
const forbidden = /["*/:<>?\\|\u2044\u2215\u29f8]/gu;
/** What is not seen, and what turns the order of letters around, save what writes Persian, Indic scripts, old kanji and emoji. */
const invisible =
  /(?!\p{Join_Control}|\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
const blank = /[\s\u2800\p{Default_Ignorable_Code_Point}]/u;
/** Names of devices, which Windows opens in place of a file whatever follows the first dot. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])$/iu;

/**
 * The name without the folders before it, in the normal form NFC and in any language: 1 to 255 bytes of UTF-8 that no system
 * takes for a path, a device or a folder, and that shows as it is written. A longer name keeps its extension. A name of
 * which nothing is left is "file". The name of such a name is itself.
 */
export function cleanFileName(name: string): string {
  const visible = lastPart(name).normalize("NFC").replace(invisible, "").replace(forbidden, "_").normalize("NFC");
  return cut(withoutDevice(trimmed(visible))) || unnamed;
}

/** The letters after the last dot in lower case, such as "png"; "" without a dot, for a name that begins with its only dot, and where they are not plain ones. */
export function extensionOf(name: string): string {
  const extension = name.slice(lastDot(name) + 1).toLowerCase();
  return lastDot(name) > 0 && /^[a-z0-9+_-]{1,16}$/.test(extension) ? extension : "";
}

/** What comes after the folders; of a name that nobody gives to a file, its ends: the time of a normal form is the square of the length. */
function lastPart(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name.length <= mostLetters
    ? name
    : name.slice(0, mostLetters - mostExtensionBytes) + name.slice(-mostExtensionBytes);
}

function lastDot(name: string): number {
  return name.lastIndexOf(".");
}

/** Without spaces and invisible marks at either end, and without dots at the end: Windows drops them, and "." and ".." are folders. */
function trimmed(name: string): string {
  const letters = [...name];
  // Loops, since a regular expression for the end of a text looks at each run of dots within it as well.
  let start = 0;
  while (start < letters.length && blank.test(letters[start]!)) start++;
  while (letters.length > start && (letters.at(-1) === "." || blank.test(letters.at(-1)!))) letters.pop();
  return letters.slice(start).join("");
}

function withoutDevice(name: string): string {
  const [first = ""] = name.split(".", 1);
  return device.test(first.trim()) ? `_${name}` : name;
}

function cut(name: string): string {
  if (Buffer.byteLength(name) <= mostBytes) return name;
  const dot = lastDot(name);
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= mostExtensionBytes ? name.slice(dot) : "";
  const stem = firstBytes(name.slice(0, name.length - extension.length), mostBytes - Buffer.byteLength(extension));
  return extension ? stem + extension : trimmed(stem);
}

/** The longest beginning of a well-formed text that has at most so many bytes. */
function firstBytes(text: string, count: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, count), { stream: true });
}
