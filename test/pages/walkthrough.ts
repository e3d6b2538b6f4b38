// Reads a page as a walkthrough: blocks of code for files, and commands with their output.

/** Code for a file. */
export interface Insertion {
  readonly file: string;
  readonly code: string;
  /** The first line of the block at whose end the code goes, such as `return {`; undefined for the end of the file. */
  readonly endOf: string | undefined;
}

/** A name that is added to a file's import from a module. */
export interface Import {
  readonly file: string;
  readonly name: string;
  readonly from: string;
}

/** Commands, and their output. */
export interface Commands {
  readonly commands: string;
  readonly prints: string;
}

export type Step = Insertion | Import | Commands;

/**
 * The steps of a page, in order. A block of code goes into the file that was named last, as "**The SQL**, `file`", at the
 * place that the words before the block name: at the end of `line`, or at the end of the file. Commands are followed by
 * their output. Throws an Error for a block of code without a place, and for commands without output.
 */
export function readWalkthrough(markdown: string): Step[] {
  const steps: Step[] = [];
  let file = "";
  let from = 0;
  const blocks = [...markdown.matchAll(/^( *)```(\w+)\n([^]*?)^ *```$/gm)];
  for (const [index, block] of blocks.entries()) {
    const [whole, indent, language, code] = block as unknown as [string, string, string, string];
    const prose = markdown.slice(from, block.index).replaceAll(/\s+/g, " ");
    from = block.index + whole.length;
    if (language === "text") continue;
    const text = code.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    if (language === "sh") {
      const printed = blocks[index + 1];
      if (printed?.[2] !== "text") throw new Error(`nothing says what this prints:\n${text}`);
      steps.push({ commands: text, prints: printed[3]!.replaceAll(new RegExp(`^${indent}`, "gm"), "") });
      continue;
    }
    file = /\*\*, `([^`]+)`/.exec(prose)?.[1] ?? file;
    for (const [, name, module] of prose.matchAll(/[Aa]dd `(\w+)` to the import from `([^`]+)`/g))
      steps.push({ file, name: name!, from: module! });
    const place = /at the end of (?:the file|`([^`]+)`):? ?$/i.exec(prose);
    if (!place || file === "") throw new Error(`nothing says where this belongs:\n${text}`);
    steps.push({ file, code: text, endOf: place[1] });
  }
  return steps;
}

/** The text of a file with the code in its place. Throws an Error unless exactly one line begins that block. */
export function insert(text: string, { code, endOf }: Insertion): string {
  if (endOf === undefined) return `${text.trimEnd()}\n\n${code}`;
  const lines = text.split("\n");
  const openings = lines.flatMap((line, at) => (line.trim() === endOf ? [at] : []));
  if (openings.length !== 1) throw new Error(`${openings.length} lines are "${endOf}"`);
  const opening = openings[0]!;
  const indent = /^ */.exec(lines[opening]!)![0];
  const closing = lines.findIndex((line, at) => at > opening && line.startsWith(`${indent}}`));
  const added = code
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `${indent}  ${line}`));
  return [...lines.slice(0, closing), "", ...added, ...lines.slice(closing)].join("\n");
}

/** The text of a file with the name added to an import. Throws an Error unless there is one import from the module. */
export function importAlso(text: string, { name, from }: Import): string {
  const pattern = new RegExp(`^import (?:type )?\\{([^}]*)\\} from "${from.replaceAll(".", "\\.")}";$`, "gm");
  const found = [...text.matchAll(pattern)];
  if (found.length !== 1) throw new Error(`there are ${found.length} imports from ${from}`);
  return text.replace(pattern, (line, names: string) =>
    line.replace(names, `${names.replace(/,?\s*$/, "")}, ${name} `),
  );
}

const colour = /\u001B\[\d+m/g;
const duration = / \(\d+(?:\.\d+)? ?m?s\)$/;

/**
 * The first line of a documented output that the real output does not have in its place; undefined when they agree. A line
 * `...` stands for any lines, `...` within a line for any text. Colours, empty lines, durations at the end of a line, and the
 * output after the last documented line are not compared.
 */
export function missingLine(printed: string, shown: string): string | undefined {
  let rest = linesOf(printed);
  let mayPass = false;
  for (const line of linesOf(shown)) {
    const isGap = line.trim() === "...";
    if (!isGap) {
      const at = rest.findIndex((each) => fits(each, line));
      if (at < 0 || (at > 0 && !mayPass)) return line;
      rest = rest.slice(at + 1);
    }
    mayPass = isGap;
  }
  return undefined;
}

function linesOf(text: string): string[] {
  const lines = text.replaceAll(colour, "").split("\n");
  return lines.map((line) => line.replace(duration, "").trimEnd()).filter((line) => line !== "");
}

function fits(line: string, shown: string): boolean {
  const parts = shown.split("...").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(line);
}
