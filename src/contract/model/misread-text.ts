// Refuses a .proto file with a legal text that protobufjs reads as another one, without an error.

const tokens =
  /\/\/.*|\/\*[^]*?\*\/|(?<text>"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')|(?<mark>[{}[\]()=:;,])|[^\s{}[\]()=:;,"']+/g;

/** Throws an Error with file, line and the way to write it instead. */
export function refuseMisreadText(file: string, source: string): void {
  /** In each open brace and bracket: the keys, and whether a second value would replace the first instead of following it. */
  const scopes: Map<string, boolean>[] = [new Map()];
  const refuse = (at: number, why: string): never => {
    throw new Error(`${file}:${source.slice(0, at).split("\n").length}: ${why}`);
  };
  let key = "";
  let previous = "";
  let assigned: string | undefined;
  for (const { 0: token, index, groups } of source.matchAll(tokens)) {
    if (token.startsWith("//") || token.startsWith("/*")) continue;
    if (groups?.["text"] !== undefined && hasMisreadEscape(token))
      refuse(index, "an escape beyond ASCII cannot be read: write the character itself");
    if (/(?:^|\.)__proto__(?:\.|$)/.test(token)) refuse(index, "the name __proto__ is dropped");
    const dropped = previous === ")" && /\.(constructor|prototype)(?:\.|$)/.exec(token)?.[1];
    if (dropped) refuse(index, `the part ${dropped} of an option is dropped`);
    if (token === "=" || token === ":") {
      assigned = token === ":" ? previous : key;
      if (scopes.at(-1)!.get(assigned))
        refuse(index, `${assigned} is given twice, and its zero would be lost: write ${assigned} once, as a list`);
    } else if (assigned !== undefined) {
      const keys = scopes.at(-1)!;
      keys.set(assigned, keys.has(assigned) ? false : isZero(token));
    }
    if (token === "{" || token === "[") scopes.push(new Map());
    if ((token === "}" || token === "]") && scopes.length > 1) scopes.pop();
    if (token !== "=" && token !== ":") assigned = undefined;
    key = /^[{}[\],;]$/.test(token) ? "" : key + token;
    previous = token;
  }
}

function isZero(token: string): boolean {
  return token === "false" || /^(?:""|'')$/.test(token) || Number(token) === 0;
}

/** protobufjs reads an escape as one character of that number, where protobuf has a byte of UTF-8, and no \u at all. */
function hasMisreadEscape(text: string): boolean {
  return [...text.matchAll(/\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|([^]))/g)].some(
    ([, octal, hex, other]) => /^[uU]$/.test(other ?? "") || parseInt(octal ?? hex ?? "0", octal ? 8 : 16) > 127,
  );
}
