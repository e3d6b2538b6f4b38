// The text of bytes whose encoding nobody has named, as spreadsheets write files.

/** The encodings that begin with a mark of their own. */
const marked = [
  { mark: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
  { mark: [0xff, 0xfe], encoding: "utf-16le" },
  { mark: [0xfe, 0xff], encoding: "utf-16be" },
] as const;

/**
 * The text: UTF-8 or UTF-16 where the bytes begin with its mark, UTF-8 where they are valid UTF-8, else Windows-1251. Without the
 * mark. Undefined when the bytes are not what their mark says.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const named = marked.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  const text = decodedAs(named?.encoding ?? "utf-8", bytes);
  return text ?? (named ? undefined : new TextDecoder("windows-1251").decode(bytes));
}

function decodedAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
