// The reports of a run, of which a hostile server has written parts.
import { expect } from "chai";
import type { Outcome, Plan, Reporter } from "../../../runner/check.js";
import { githubReporter } from "../../../runner/report/github.js";
import { duration } from "../../../runner/report/printable.js";
import { reporterNamed, reporterNames } from "../../../runner/report/reporters.js";
import { specReporter, type Screen } from "../../../runner/report/spec.js";
import { elements, readXml } from "./report-xml.js";

const plan: Plan = { url: "http://localhost:1/?a=1&b=<2>", checks: 7, seed: 42 };
// Escapes of a terminal, commands of a build server, ends of XML sections, halves of characters.
const hostile = 'is "<b>&amp;</b>" ]]>\n::error::100% mine\r\n\u001b[2J\0\ud800\ufffe\u202e😀\tend';
const paper: Screen = { isTerminal: false, noColor: false, columns: 0 };
const terminal: Screen = { isTerminal: true, noColor: false, columns: 40 };

function outcome(path: readonly string[], status: Outcome["status"], why = "", codec = "json"): Outcome {
  return { check: { path, tags: ["cases"], codec }, status, why, milliseconds: 250 };
}

const heard: readonly Outcome[] = [
  outcome(["shelves", "getShelf", "answers"], "passed"),
  outcome(
    ["books", "getBook", `title ${hostile}`],
    "failed",
    `status: expected 200, got 500\n${hostile}`,
    "json to protobuf",
  ),
  outcome(["shelves", "getShelf", "answers"], "passed", "", "protobuf"),
  outcome(["shelves", "deleteShelf", "for keepers"], "skipped", "no keeper is known"),
  outcome(["shelves", "getShelf", "is slow"], "failed", "no answer"),
  outcome(["alone"], "passed", "", ""),
  outcome(["shelves", "deleteShelf", "for kings"], "skipped", "no keeper is known"),
];

/** Plays the run; `between` comes before each outcome. */
function play(reporter: Reporter, between: () => void = () => undefined): void {
  reporter.begin(plan);
  for (const each of heard) {
    between();
    reporter.add(each);
  }
  reporter.progress(`half\u001b[2Jway\n::stop`);
  reporter.end({ ...plan, passed: 3, failed: 2, skipped: 2, milliseconds: 65_000, notes: [`left: ${hostile}`] });
}

function report(name: string, screen = paper): string {
  const written: string[] = [];
  play(reporterNamed(name, (text) => written.push(text), screen));
  return written.join("");
}

/** What people read, with a clock that goes on by `step` milliseconds at each outcome. */
function spec(screen: Screen, step = 0): string {
  const written: string[] = [];
  let now = 1_000_000;
  play(
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
      "1 min 5 s; --seed 42 makes the same random choices",
      "3 passed, 2 failed, 2 skipped",
      "",
    ]);
  });

  it("says nothing of what was skipped when nothing was", () => {
    const written: string[] = [];
    const reporter = specReporter((text) => written.push(text), paper);
    reporter.begin({ ...plan, checks: 1 });
    reporter.add(heard[0]!);
    reporter.end({ ...plan, passed: 1, failed: 0, skipped: 0, milliseconds: 1, notes: [] });
    expect(written.join(""))
      .to.match(/\n1 passed, 0 failed\n$/)
      .and.not.contain("skipped");
  });

  it("tells every five seconds how far it has come, where lines cannot be written over", () => {
    const lines = spec(paper, 2000).split("\n");
    expect(lines.filter((line) => /^\d+\/7/.test(line))).to.deep.equal([
      "3/7, 1 failed, 6.0 s",
      "6/7, 2 failed, 12.0 s",
    ]);
  });

  it("writes how far it has come over itself on a terminal, within its width, and takes it away", () => {
    const written = spec(terminal, 200);
    expect(written).to.contain("\r\u001b[90m1/7, 0 failed, 200 ms\u001b[0m\u001b[K");
    const drawn = written.split("\n").flatMap((line) => line.split("\r").slice(1));
    // Every character that is sent to the terminal to move it or to paint is one of ours.
    const plain = drawn.map((text) => text.replaceAll(/\u001b\[(?:\d+m|K)/g, ""));
    expect(Math.max(...plain.filter((text) => /^\d\/7/.test(text)).map((text) => text.length))).to.be.below(40);
    expect(plain.join("")).not.to.contain("\u001b");
    expect(written).to.contain("\r\u001b[K\nshelves\n");
  });

  it("tells of a long check while it runs", () => {
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

  it("has colors on a terminal alone, and not when NO_COLOR forbids them", () => {
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
    it(`calls ${milliseconds} milliseconds ${words}`, () => {
      expect(duration(milliseconds)).to.equal(words);
    });
  }
});

describe("the report as JUnit's XML", () => {
  const xml = hostile.replaceAll(/[\u001b\0\ud800\ufffe](?!\udc00)/g, "\ufffd");

  it("is well-formed whatever a server wrote, and loses nothing that XML can hold", () => {
    const root = readXml(report("junit"));
    expect(root.attributes).to.deep.equal({
      name: plan.url,
      tests: "7",
      failures: "2",
      errors: "0",
      skipped: "2",
      time: "65.000",
    });
    const failure = elements(root, "failure").find(({ text }) => text.includes("500"));
    expect(failure!.text).to.equal(`status: expected 200, got 500\n${xml}`);
    expect(failure!.attributes).to.deep.equal({ message: "status: expected 200, got 500" });
    expect(elements(root, "testcase")[3]!.attributes["name"]).to.equal(`title ${xml} (json to protobuf)`);
    expect(elements(root, "system-out").map(({ text }) => text)).to.deep.equal([`left: ${xml}`]);
  });

  it("has a suite for each subject, with its counts, and where and with what seed it ran", () => {
    const root = readXml(report("junit"));
    const suites = elements(root, "testsuite").map(({ attributes }) => attributes);
    expect(
      suites.map(({ name, tests, failures, skipped, time }) => [name, tests, failures, skipped, time]),
    ).to.deep.equal([
      ["shelves › getShelf", "3", "1", "0", "0.750"],
      ["books › getBook", "1", "1", "0", "0.250"],
      ["shelves › deleteShelf", "2", "0", "2", "0.500"],
      ["alone", "1", "0", "0", "0.250"],
      ["notes", "0", "0", "0", "0.000"],
    ]);
    expect(
      elements(root, "property")
        .slice(0, 2)
        .map(({ attributes }) => attributes),
    ).to.deep.equal([
      { name: "url", value: plan.url },
      { name: "seed", value: "42" },
    ]);
    expect(elements(root, "testcase")[0]!.attributes).to.deep.equal({
      name: "answers (json)",
      classname: "shelves.getShelf",
      time: "0.250",
    });
    expect(elements(root, "skipped").map(({ attributes }) => attributes["message"])).to.deep.equal([
      "no keeper is known",
      "no keeper is known",
    ]);
  });

  for (const [what, document] of [
    ["an element that is not closed", "<a><b></a>"],
    ["a bare ampersand", "<a>&</a>"],
    ["a bare quotation mark in an attribute", '<a b="""/>'],
    ["the end of a section in a text", "<a>]]></a>"],
    ["a character that XML cannot hold", "<a>\u001b</a>"],
    ["a reference to such a character", "<a>&#27;</a>"],
    ["a second root", "<a/><b/>"],
  ]) {
    it(`is read by a reader that refuses ${what}`, () => {
      expect(() => readXml(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`)).to.throw();
    });
  }
});

describe("the report as JSON", () => {
  it("is one document, with all that was heard", () => {
    const { plan: planned, outcomes, summary } = JSON.parse(report("json")) as Record<string, unknown[]>;
    expect(planned).to.deep.equal(plan);
    expect(outcomes).to.deep.equal(
      heard.map(({ check, status, why, milliseconds }) => ({ ...check, status, ...(why && { why }), milliseconds })),
    );
    expect(summary).to.include({ passed: 3, failed: 2, skipped: 2, seed: 42 });
  });

  it("has each outcome on a line of its own, so that a run that broke off can be read", () => {
    const lines = report("json").split("\n");
    expect(lines).to.have.length(1 + heard.length + 2);
    const read = lines.slice(1, -2).map((line) => JSON.parse(line.replace(/^,/, "").replace(/,$/, "")) as Outcome);
    expect(read.map(({ status }) => status)).to.deep.equal(heard.map(({ status }) => status));
  });

  it("is a document too when nothing was heard", () => {
    const written: string[] = [];
    const reporter = reporterNamed("json", (text) => written.push(text), paper);
    reporter.begin(plan);
    reporter.end({ ...plan, passed: 0, failed: 0, skipped: 0, milliseconds: 0, notes: [] });
    expect(JSON.parse(written.join(""))).to.deep.include({ outcomes: [] });
  });
});

describe("the report for GitHub Actions", () => {
  it("lets no line of a server be a command: its log stands between a word and the same word", () => {
    const lines = report("github").split("\n");
    expect(lines[0]).to.equal("::group::Checks");
    const word = /^::stop-commands::([\da-f-]{36})$/.exec(lines[1]!)![1]!;
    const end = lines.indexOf(`::${word}::`);
    expect(lines[end + 1]).to.equal("::endgroup::");
    expect(lines.slice(2, end)).to.include("   ::error::100% mine");
    const commands = [...lines.slice(0, 2), ...lines.slice(end)].filter((line) => line.trim().startsWith("::"));
    expect(commands.map((line) => /^::[a-z-]+(?=[ :])/.exec(line)?.[0] ?? "the word")).to.deep.equal([
      "::group",
      "::stop-commands",
      "the word",
      "::endgroup",
      "::error",
      "::error",
    ]);
  });

  it("never uses the word twice", () => {
    const [word, other] = [report("github"), report("github")].map((text) => text.split("\n")[1]);
    expect(word).not.to.equal(other);
  });

  it("annotates each failure in one line, and ends with the counts", () => {
    const lines = report("github").split("\n");
    expect(lines.filter((line) => line.startsWith("::error "))).to.deep.equal([
      '::error title=books › getBook › title is "<b>&amp;</b>" ]]>\\n%3A%3Aerror%3A%3A100%25 mine\\n' +
        "\\u001b[2J\\u0000\ufffd\ufffe\\u202e😀\\tend (json to protobuf)" +
        '::status: expected 200, got 500%0Ais "<b>&amp;</b>" ]]>%0A::error::100%25 mine%0A' +
        "\\u001b[2J\\u0000\ufffd\ufffe\\u202e😀\tend",
      "::error title=shelves › getShelf › is slow (json)::no answer",
    ]);
    expect(lines.slice(-2)).to.deep.equal(["3 passed, 2 failed, 2 skipped", ""]);
  });

  it("is never painted", () => {
    const written: string[] = [];
    play(githubReporter((text) => written.push(text)));
    expect(written.join("")).not.to.contain("\u001b");
  });
});

describe("the reports by name", () => {
  it("are all there, and write something of every run", () => {
    for (const name of reporterNames) expect(report(name)).to.contain("getShelf");
  });

  it("are listed for whoever asks for another", () => {
    expect(() => reporterNamed("xml", () => undefined, paper)).to.throw(
      "no report named xml: spec, junit, json, github",
    );
  });
});
