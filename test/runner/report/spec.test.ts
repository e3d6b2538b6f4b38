// The report for people, of a run with texts of a hostile server.
import { expect } from "chai";
import { duration } from "../../../runner/report/printable.js";
import { specReporter, type Screen } from "../../../runner/report/spec.js";
import { outcomes, paper, plan, reportTo } from "./sample-run.js";

const terminal: Screen = { isTerminal: true, noColor: false, columns: 40 };

/** The report for people, with a clock that advances by `step` milliseconds at each outcome. */
function spec(screen: Screen, step = 0): string {
  const written: string[] = [];
  let now = 1_000_000;
  reportTo(
    specReporter(
      (text) => written.push(text),
      screen,
      () => now,
    ),
    () => (now += step),
  );
  return written.join("");
}

describe("the report for people", () => {
  it("has a line for each subject, then every failure in full, and the counts last", () => {
    const shown = 'is "<b>&amp;</b>" ]]>\\n::error::100% mine\\n\\u001b[2J\\u0000\ufffd\ufffe\\u202e😀\\tend';
    expect(spec(paper).split("\n")).to.deep.equal([
      "7 checks of http://localhost:1/?a=1&b=<2>",
      `✖ books › getBook › title ${shown} (json to protobuf)`,
      "✖ shelves › getShelf › is slow (json)",
      "",
      "shelves",
      "  ✖ getShelf  2 passed, 1 failed (750 ms)",
      "  - deleteShelf  2 skipped (500 ms)",
      "books",
      "  ✖ getBook  1 failed (250 ms)",
      "✔ alone  1 (250 ms)",
      "",
      "1) shelves › getShelf › is slow (json)",
      "   no answer",
      "",
      `2) books › getBook › title ${shown} (json to protobuf)`,
      "   status: expected 200, got 500",
      '   is "<b>&amp;</b>" ]]>',
      "   ::error::100% mine",
      "   \\u001b[2J\\u0000\ufffd\ufffe\\u202e😀\tend",
      "",
      "2 skipped: no keeper is known",
      'left: is "<b>&amp;</b>" ]]>',
      "::error::100% mine",
      "\\u001b[2J\\u0000\ufffd\ufffe\\u202e😀\tend",
      "1 min 5 s; --seed 42 repeats its random choices",
      "3 passed, 2 failed, 2 skipped",
      "",
    ]);
  });

  it("does not mention skipped checks when there are none", () => {
    const written: string[] = [];
    const reporter = specReporter((text) => written.push(text), paper);
    reporter.begin({ ...plan, checks: 1 });
    reporter.add(outcomes[0]!);
    reporter.end({ ...plan, passed: 1, failed: 0, skipped: 0, blocked: 0, overSocket: 0, milliseconds: 1, notes: [] });
    expect(written.join(""))
      .to.match(/\n1 passed, 0 failed\n$/)
      .and.not.contain("skipped");
  });

  it("writes its progress every five seconds, where lines cannot be overwritten", () => {
    const lines = spec(paper, 2000).split("\n");
    expect(lines.filter((line) => /^\d+\/7/.test(line))).to.deep.equal([
      "3/7, 1 failed, 6.0 s",
      "6/7, 2 failed, 12.0 s",
    ]);
  });

  it("overwrites its progress on a terminal, within its width, and removes it", () => {
    const written = spec(terminal, 200);
    expect(written).to.contain("\r\u001b[90m1/7, 0 failed, 200 ms\u001b[0m\u001b[K");
    const drawn = written.split("\n").flatMap((line) => line.split("\r").slice(1));
    // All control sequences of the terminal are those of the report.
    const plain = drawn.map((text) => text.replaceAll(/\u001b\[(?:\d+m|K)/g, ""));
    expect(Math.max(...plain.filter((text) => /^\d\/7/.test(text)).map((text) => text.length))).to.be.below(40);
    expect(plain.join("")).not.to.contain("\u001b");
    expect(written).to.contain("\r\u001b[K\nshelves\n");
  });

  it("writes the progress of a long check", () => {
    const written: string[] = [];
    let now = 0;
    const reporter = specReporter(
      (text) => written.push(text),
      paper,
      () => now,
    );
    reporter.begin(plan);
    now = 5000;
    reporter.progress("10 of 20\u001b[2J");
    expect(written.at(-1)).to.equal("0/7, 0 failed, 5.0 s, 10 of 20\\u001b[2J\n");
  });

  it("has colors only on a terminal, and not with NO_COLOR", () => {
    const painted = /\u001b\[\d+m/;
    expect(spec(terminal, 200)).to.match(painted);
    expect(spec({ ...terminal, noColor: true }, 200)).not.to.match(painted);
    expect(spec(paper, 200)).not.to.contain("\u001b");
  });

  for (const [milliseconds, words] of [
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [12_345, "12.3 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min 0 s"],
    [3_725_000, "62 min 5 s"],
  ] as const) {
    it(`formats ${milliseconds} milliseconds as ${words}`, () => {
      expect(duration(milliseconds)).to.equal(words);
    });
  }
});
