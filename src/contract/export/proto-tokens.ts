// The tokens of a .proto file with their places, so that a text can be changed at some places and kept at all others.

export interface Token {
  readonly kind: "comment" | "string" | "word" | "mark";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const tokens =
  /(?<comment>\/\/.*|\/\*[^]*?\*\/)|(?<string>"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')|(?<word>[\w.+-]+)|(?<mark>\S)/g;

/** All tokens of a text, comments included, in order. What lies between them is white space. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(tokens)].map(({ 0: token, index, groups }) => ({
    kind: (["comment", "string", "word"] as const).find((kind) => groups?.[kind] !== undefined) ?? "mark",
    text: token,
    start: index,
    end: index + token.length,
  }));
}

/** A part of a text that is replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with the edits made; they must not overlap. Of two at one place, the first comes first. */
export function edited(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(from, edit.start), edit.text);
    from = edit.end;
  }
  return [...pieces, text.slice(from)].join("");
}
