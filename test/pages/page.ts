// Plays a page of the documentation: its commands run in one shell, and each block of them prints what the page shows.
import { execFile } from "node:child_process";
import { missingLine } from "./walkthrough.js";

/** Commands of a page, and their output. */
export interface Block {
  readonly commands: string;
  /** Empty where the page shows no output. */
  readonly prints: string;
}

/** Where the commands of a page run. */
export interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What stands on the page, and what the commands have in its place, such as the address of the server. */
  readonly replaced: Readonly<Record<string, string>>;
  /** Commands before the first block, such as functions of the shell. */
  readonly first?: string;
}

const mark = "-- the end of a block --";

/**
 * The blocks of commands of a page, in order, each with the block of text that follows it before other commands. Code after
 * "As `file`:" is a command that writes that file.
 */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { commands: string; prints: string } | undefined;
  for (const { 1: indent, 2: language, 3: code, index } of markdown.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)) {
    const text = code!.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const file = /\b[Aa]s `([\w.]+)`:\s*$/.exec(markdown.slice(0, index))?.[1];
    if (file !== undefined) blocks.push({ commands: `cat > ${file} <<'${mark}'\n${text}${mark}\n`, prints: "" });
    if (language === "sh") blocks.push((open = { commands: text, prints: "" }));
    else if (language === "text" && open) {
      open.prints = text;
      open = undefined;
    }
  }
  return blocks;
}

/** Runs blocks one after the other in one shell. Resolves with the output of each, errors included. */
export function play(blocks: readonly Block[], { cwd, env, replaced, first = "" }: Shell): Promise<string[]> {
  const script = blocks.map(({ commands }) => `${commands}printf '%s\\n' '${mark}'\n`).join("");
  const typed = Object.entries(replaced).reduce((text, [shown, real]) => text.replaceAll(shown, real), script);
  return new Promise((resolve) => {
    execFile("bash", ["-c", `exec 2>&1\n${first}\n${typed}`], { cwd, env, maxBuffer: 1e8 }, (_error, stdout) => {
      const printed = Object.entries(replaced).reduce((text, [shown, real]) => text.replaceAll(real, shown), stdout);
      resolve(printed.split(`${mark}\n`).slice(0, blocks.length));
    });
  });
}

/**
 * The first line that the page shows and the commands did not print in its place; `the end` when they printed more than it shows.
 * Undefined when they agree. Times, ids, keys and what is made of them are not compared; `...` is as in `missingLine`.
 */
export function difference(printed: string, shown: string): string | undefined {
  return missingLine(`${withoutChance(printed)}\n${end}`, `${withoutChance(shown)}\n${end}`);
}

const end = "the end";

/** Numbers of rows, and what a server or a clock chooses. The version of a row is no chance. */
const chances: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>"],
  [/"(id|seq)":("?)\d+\2/g, '"$1":$2<number>$2'],
  [/\blyc_\w+/g, "<key>"],
  [/\/messages\/\d+/g, "/messages/<number>"],
  [/(Message with id=)\d+/g, "$1<number>"],
  [/"(next_page_token|nextPageToken)":"[\w-]+"/g, '"$1":"<token>"'],
  [/"(\d+)\.[\w-]{16}-/g, '"$1.<hash>-'],
  [/^\d+(?:\.\d+)? m?s; --seed \d+/gm, "<duration>; --seed <number>"],
  [/ done in \d+ ms$/gm, " done in <duration>"],
  // The encoding of a time has a length that depends on it.
  [/\b(\d+)\d\d bytes/g, "$1<number> bytes"],
];

function withoutChance(text: string): string {
  return chances.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), text);
}
