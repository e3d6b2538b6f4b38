// A .proto file without its custom options: the same declarations, numbers and comments, as a program without the files of
// those options can read them.
import { edited, tokensOf, type Edit, type Token } from "./proto-tokens.js";
import { statementsOf, type Statement } from "./statements.js";

/** What becomes of a file beside the removal of its options. */
export interface Changes {
  /** The import that takes the place of another; undefined removes it. */
  importOf(path: string): string | undefined;
  /** The name that takes the place of the name of a type. */
  typeOf(name: string): string;
  /** Lines that are added to the comment of an rpc. */
  commentOf(service: string, rpc: string): readonly string[];
}

/** Whether the file declares extensions and nothing else. Throws an Error when it declares both. */
export function isExtensionsAlone(name: string, text: string): boolean {
  const declared = statementsOf(text).map(firstWord);
  if (!declared.includes("extend")) return false;
  if (declared.some((word) => ["message", "enum", "service"].includes(word)))
    throw new Error(`${name}: a file with an \`extend\` has no messages, enums and services`);
  return true;
}

/** The text without custom options, with the changes made. */
export function withoutOptions(text: string, changes: Changes): string {
  const statements = statementsOf(text);
  const comments = tokensOf(text).filter(({ kind }) => kind === "comment");
  const removed = new Set<Statement>();
  const edits: Edit[] = importEdits(statements, changes, removed);
  const visit = (statement: Statement, service: string): void => {
    const word = firstWord(statement);
    const [, second] = statement.tokens;
    if (word === "import" || word === "package" || word === "syntax") return;
    if (word === "option" && second?.text === "(") return void removed.add(statement);
    if (word === "option" && second?.kind === "word") return;
    if (word === "extend") throw new Error("an `extend` stands in a file of its own, and not in a message");
    if (word === "rpc") edits.push(...rpcComment(text, statement, changes.commentOf(service, second!.text)));
    if (!statement.block) edits.push(...bracketEdits(statement));
    edits.push(...typeEdits(statement, changes));
    for (const inner of statement.block ?? []) visit(inner, word === "service" ? second!.text : service);
    const isEmptied = word === "rpc" && statement.block?.length !== 0 && statement.block?.every((s) => removed.has(s));
    if (!isEmptied) return;
    // `rpc A(B) returns (C) {...}` becomes `rpc A(B) returns (C);`.
    for (const inner of statement.block!) removed.delete(inner);
    edits.push({ start: statement.tokens.at(-2)!.end, end: statement.end, text: ";" });
  };
  for (const statement of statements) visit(statement, "");
  return edited(text, [...edits, ...removals(text, [...removed], comments)]);
}

function firstWord({ tokens }: Statement): string {
  // An enum may have a value with the name `option`.
  return tokens[1]?.text === "=" && tokens[0]!.text !== "syntax" ? "" : tokens[0]!.text;
}

/** The imports that remain, in the places of those before, and sorted as buf sorts them. */
function importEdits(statements: readonly Statement[], changes: Changes, removed: Set<Statement>): Edit[] {
  const places: Token[] = [];
  const paths = new Set<string>();
  for (const statement of statements.filter((one) => firstWord(one) === "import")) {
    const place = statement.tokens.at(-2)!;
    const path = changes.importOf(place.text.slice(1, -1));
    if (path === undefined || paths.has(path)) removed.add(statement);
    else places.push(place);
    if (path !== undefined) paths.add(path);
  }
  const sorted = [...paths].sort();
  return places.map(({ start, end }, index) => ({ start, end, text: `"${sorted[index]}"` }));
}

/** `[(a.b) = 1, deprecated = true]` becomes `[deprecated = true]`, and `[(a.b) = 1]` nothing. */
function bracketEdits({ tokens }: Statement): Edit[] {
  const open = tokens.findIndex(({ text, kind }) => text === "[" && kind === "mark");
  if (open < 0) return [];
  const options: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(open + 1, -2)) {
    const isMark = token.kind === "mark";
    if (isMark && "{[(".includes(token.text)) depth += 1;
    if (isMark && "}])".includes(token.text)) depth -= 1;
    if (isMark && token.text === "," && depth === 0) options.push([]);
    else options.at(-1)!.push(token);
  }
  const kept = options.filter(([first]) => first?.text !== "(");
  if (kept.length === options.length) return [];
  const words = kept.map((option) => option.map(({ text }) => text).join(" "));
  const [before, close] = [tokens[open - 1]!, tokens.at(-2)!];
  return [{ start: before.end, end: close.end, text: words.length > 0 ? ` [${words.join(", ")}]` : "" }];
}

function typeEdits({ tokens }: Statement, { typeOf }: Changes): Edit[] {
  return tokens.flatMap(({ kind, text, start, end }) =>
    kind === "word" && typeOf(text) !== text ? [{ start, end, text: typeOf(text) }] : [],
  );
}

/** Throws an Error over a comment in the other form, which lines with `//` cannot continue. */
function rpcComment(text: string, { start, tokens }: Statement, lines: readonly string[]): Edit[] {
  if (lines.length === 0) return [];
  const line = lineStart(text, start);
  const before = text.slice(0, line);
  if (/\*\/\s*$/.test(before)) throw new Error(`write the comment of the rpc ${tokens[1]!.text} with //`);
  const indent = /^[^\S\n]*/.exec(text.slice(line))![0];
  const hasComment = /(?:^|\n)[^\S\n]*\/\/.*\n$/.test(before);
  const added = (hasComment ? ["", ...lines] : lines).map((words) => `${indent}//${words && ` ${words}`}\n`).join("");
  const isFirst = line + indent.length === start;
  return [isFirst ? { start: line, end: line, text: added } : { start, end: start, text: `\n${added}${indent}` }];
}

/**
 * Statements go with the comments that belong to them, and with their lines when nothing else is there; of two empty lines
 * around them, one remains.
 */
function removals(text: string, statements: readonly Statement[], comments: readonly Token[]): Edit[] {
  const edits: { start: number; end: number; text: string }[] = [];
  for (const statement of [...statements].sort((a, b) => a.start - b.start)) {
    const { start, end } = withComments(text, statement, comments);
    const [from, to] = [lineStart(text, start), text.indexOf("\n", end) + 1 || text.length];
    const isAlone = `${text.slice(from, start)}${text.slice(end, to)}`.trim() === "";
    const last = edits.at(-1);
    if (!isAlone) edits.push({ start, end, text: "" });
    else if (last?.end === from) last.end = to;
    else edits.push({ start: from, end: to, text: "" });
  }
  for (const edit of edits) if (/(?:\n|^)\n$/.test(text.slice(0, edit.start)) && text[edit.end] === "\n") edit.end += 1;
  return edits;
}

/** The place of a statement with the comments right above it, and the one behind it. */
function withComments(
  text: string,
  { start, end }: Statement,
  comments: readonly Token[],
): Pick<Edit, "start" | "end"> {
  let from = start;
  for (const comment of [...comments].reverse()) {
    const isAbove = comment.end <= from && /^[^\S\n]*\n?[^\S\n]*$/.test(text.slice(comment.end, from));
    if (isAbove && text.slice(lineStart(text, comment.start), comment.start).trim() === "") from = comment.start;
  }
  const behind = comments.find((comment) => comment.start >= end && /^[^\S\n]*$/.test(text.slice(end, comment.start)));
  return { start: from, end: behind?.end ?? end };
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}
