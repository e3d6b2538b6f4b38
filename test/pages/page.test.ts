// Reading and playing a page.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { blocksOf, difference, play } from "./page.js";

const page = [
  "# Title",
  "```text",
  "of nothing",
  "```",
  "```sh",
  "KEPT=1",
  "```",
  "1. Then:",
  "",
  "   ```sh",
  "   echo $KEPT at http://localhost:8080",
  "   if true; then",
  "     echo odd >&2",
  "   fi",
  "   ```",
  "",
  "   It prints:",
  "",
  "   ```text",
  "   1 at http://localhost:8080",
  "   odd",
  "   ```",
  "```text",
  "of nothing",
  "```",
].join("\n");

describe("a page", () => {
  it("is its blocks of commands, each with the text that follows it", () => {
    expect(blocksOf(page)).to.deep.equal([
      { commands: "KEPT=1\n", prints: "" },
      {
        commands: "echo $KEPT at http://localhost:8080\nif true; then\n  echo odd >&2\nfi\n",
        prints: "1 at http://localhost:8080\nodd\n",
      },
    ]);
  });

  it("writes the files that it shows, word for word", async () => {
    const text = 'print("$KEPT `date` \\\\n")\n\nend\n';
    const shell = { cwd: mkdtempSync(join(tmpdir(), "lyceum-page-")), env: process.env, replaced: {} };
    const blocks = blocksOf(
      `# A\n\nWith nothing,\nas \`a.py\`:\n\n\`\`\`python\n${text}\`\`\`\n\n\`\`\`sh\ncat a.py\n\`\`\`\n`,
    );
    expect(await play(blocks, shell)).to.deep.equal(["", text]);
    rmSync(shell.cwd, { recursive: true });
  });

  it("is played in one shell, at another address, and prints what it shows", async () => {
    const replaced = { "http://localhost:8080": "http://localhost:1" };
    const shell = { cwd: tmpdir(), env: process.env, replaced };
    const blocks = blocksOf(page);
    expect(await play(blocks, shell)).to.deep.equal(blocks.map(({ prints }) => prints));
    const ends = [{ commands: "echo one; exit\n", prints: "one\n" }, blocks[0]!];
    expect(await play(ends, shell)).to.deep.equal(["one\n"]);
  });

  it("differs in a line that is not printed, and in one that is not shown", () => {
    expect(difference("a\nb\n", "a\nb\n")).to.equal(undefined);
    expect(difference("a\n", "a\nb\n")).to.equal("b");
    expect(difference("a\nc\n", "a\nb\n")).to.equal("b");
    expect(difference("a\nb\n", "a\n")).to.equal("the end");
    expect(difference("error\n", "")).to.equal("the end");
    expect(difference("a\nb\nc\nd\n", "a\n...\nc\n")).to.equal("the end");
  });

  it("does not differ by times, numbers of rows, keys and tokens, and by all else", () => {
    const message = (id: number, time: string, rest: string): string =>
      `{"id":${id},"chat_id":4,"seq":${id},"text":"Hi","created_at":"${time}",${rest}}\n`;
    const shown = message(27, "2026-11-23T13:52:42.818Z", '"version":1');
    expect(difference(message(31, "2027-01-02T03:04:05Z", '"version":1'), shown)).to.equal(undefined);
    for (const [from, to] of [
      ['"version":1', '"version":2'],
      ["Hi", "Ho"],
      ['"chat_id":4', '"chat_id":5'],
      ['"seq":27', '"seq":"27"'],
      ["T13", " 13"],
    ] as const)
      expect(difference(shown.replace(from, to), shown), to).to.be.a("string");
    expect(difference('"1.Tzz4mXLrPfdQ-Zpu-json" 1228 bytes\n', '"1.aaaaaaaaaaaaaaaa-json" 1231 bytes\n')).to.equal(
      undefined,
    );
    expect(difference('"1.Tzz4mXLrPfdQ-Zpu-json" 2228 bytes\n', '"1.aaaaaaaaaaaaaaaa-json" 1231 bytes\n')).to.be.a(
      "string",
    );
    expect(difference('"1.Tzz4mXLrPfdQ-Zpu-json"\n', '"2.Tzz4mXLrPfdQ-Zpu-json"\n')).to.be.a("string");
    expect(difference('"next_page_token":""\n', '"next_page_token":"WzEsMl0"\n')).to.be.a("string");
  });
});
