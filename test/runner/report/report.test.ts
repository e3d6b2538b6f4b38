// The reports for programs, of a run with texts of a hostile server.
import { expect } from "chai";
import type { Outcome } from "../../../runner/check.js";
import { githubReporter } from "../../../runner/report/github.js";
import { reporterNamed, reporterNames } from "../../../runner/report/reporters.js";
import { elements, readXml } from "./report-xml.js";
import { hostile, outcomes, paper, plan, report, reportTo } from "./sample-run.js";

describe("the report as JUnit's XML", () => {
  const xml = hostile.replaceAll(/[\u001b\0\ud800\ufffe](?!\udc00)/g, "\ufffd");

  it("is well-formed whatever a server sent, and keeps everything that XML can contain", () => {
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

  it("has a suite for each subject, with its counts, the URL and the seed", () => {
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
    ["a character that XML cannot contain", "<a>\u001b</a>"],
    ["a reference to such a character", "<a>&#27;</a>"],
    ["a second root", "<a/><b/>"],
  ]) {
    it(`is read by a reader that refuses ${what}`, () => {
      expect(() => readXml(`<?xml version="1.0" encoding="UTF-8"?>\n${document}`)).to.throw();
    });
  }
});

describe("the report as JSON", () => {
  it("is one document with all outcomes", () => {
    const { plan: planned, outcomes: read, summary } = JSON.parse(report("json")) as Record<string, unknown[]>;
    expect(planned).to.deep.equal(plan);
    expect(read).to.deep.equal(
      outcomes.map(({ check, status, why, milliseconds }) => ({ ...check, status, ...(why && { why }), milliseconds })),
    );
    expect(summary).to.include({ passed: 3, failed: 2, skipped: 2, seed: 42 });
  });

  it("has each outcome in a line of its own, so that the report of an interrupted run can be read", () => {
    const lines = report("json").split("\n");
    expect(lines).to.have.length(1 + outcomes.length + 2);
    const read = lines.slice(1, -2).map((line) => JSON.parse(line.replace(/^,/, "").replace(/,$/, "")) as Outcome);
    expect(read.map(({ status }) => status)).to.deep.equal(outcomes.map(({ status }) => status));
  });

  it("is a document without any outcome", () => {
    const written: string[] = [];
    const reporter = reporterNamed("json", (text) => written.push(text), paper);
    reporter.begin(plan);
    reporter.end({ ...plan, passed: 0, failed: 0, skipped: 0, blocked: 0, overSocket: 0, milliseconds: 0, notes: [] });
    expect(JSON.parse(written.join(""))).to.deep.include({ outcomes: [] });
  });
});

describe("the report for GitHub Actions", () => {
  it("disables commands in texts of a server, from a random word to the same word", () => {
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

  it("uses another word in each report", () => {
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

  it("has no colors", () => {
    const written: string[] = [];
    reportTo(githubReporter((text) => written.push(text)));
    expect(written.join("")).not.to.contain("\u001b");
  });
});

describe("the reports by name", () => {
  it("all exist, and report every run", () => {
    for (const name of reporterNames) expect(report(name)).to.contain("getShelf");
  });

  it("are listed in the error for an unknown name", () => {
    expect(() => reporterNamed("xml", () => undefined, paper)).to.throw(
      "no report named xml, only spec, junit, json, github",
    );
  });
});
