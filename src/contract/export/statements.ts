// The statements of a .proto file as a tree, with their places in the text. It knows no names and no types: buf and protobufjs
// have read the file already.
import { tokensOf, type Token } from "./proto-tokens.js";

/** `import ...;`, `option ...;`, `int32 a = 1 [...];`, or a head with a block: `message A {...}`. */
export interface Statement {
  /** Its tokens without comments: all of them, or those of the head. The last one is `;` or `{`. */
  readonly tokens: readonly Token[];
  /** The statements in the block; undefined without one. */
  readonly block: readonly Statement[] | undefined;
  readonly start: number;
  /** Behind the `;` or the `}`. */
  readonly end: number;
}

/** The statements of a file. Throws an Error when a block does not end. */
export function statementsOf(text: string): Statement[] {
  const queue = tokensOf(text).filter(({ kind }) => kind !== "comment");
  const statements = readBlock(queue, 0);
  if (statements.next < queue.length) throw new Error("a block ends that has not begun");
  return statements.list;
}

/** Reads statements up to the `}` of their block, or the end of the file. */
function readBlock(queue: readonly Token[], from: number): { list: Statement[]; next: number } {
  const list: Statement[] = [];
  let next = from;
  while (next < queue.length && queue[next]!.text !== "}") {
    const statement = readStatement(queue, next);
    list.push(statement.read);
    next = statement.next;
  }
  return { list, next };
}

function readStatement(queue: readonly Token[], from: number): { read: Statement; next: number } {
  const start = queue[from]!.start;
  let depth = 0;
  let isValue = false;
  for (let index = from; index < queue.length; index++) {
    const { text, kind, end } = queue[index]!;
    if (kind !== "mark") continue;
    if (text === "=") isValue = true;
    const tokens = queue.slice(from, index + 1);
    if (depth === 0 && text === ";") return { read: { tokens, block: undefined, start, end }, next: index + 1 };
    if (depth === 0 && text === "{" && !isValue) {
      const { list, next } = readBlock(queue, index + 1);
      const close = queue[next];
      if (!close) break;
      return { read: { tokens, block: list, start, end: close.end }, next: next + 1 };
    }
    if ("{[(".includes(text)) depth += 1;
    if ("}])".includes(text)) depth -= 1;
  }
  throw new Error(`a statement does not end: ${queue[from]!.text}`);
}
