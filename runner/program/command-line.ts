// The options of the program.
import { readFileSync } from "node:fs";
import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import type { Check } from "../check.js";
import { pairNames, type Pairs } from "../cases/codec-plan.js";
import { codecNames, type CodecName, type Plain } from "../client/encoding.js";
import { reporterNames } from "../report/reporters.js";

export interface Options {
  readonly url: string;
  readonly codec: readonly CodecName[];
  readonly pairs: Pairs;
  readonly grep: string | undefined;
  readonly tag: readonly string[];
  readonly reporter: string;
  readonly bail: boolean;
  readonly seed: number;
  readonly runs: number;
  readonly list: boolean;
  readonly socket: boolean;
  readonly throwaway: boolean;
  readonly keep: boolean;
  readonly jobs: number;
  /** A file with a descriptor set, a folder of .proto files, or "served". */
  readonly contract: string | undefined;
  /** Actors with an existing account, by name. */
  readonly accounts: Readonly<Record<string, Plain>>;
  /** The folder into which the server writes its mail. */
  readonly mailbox: string | undefined;
}

const pairsHelp =
  "`all` pairs of serializations and the relay, or `three`: each serialization in one request and one response";

/** Receives the help, and the complaints about wrong options. */
interface Screen {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Reads a command line. Throws a CommanderError for a wrong one, and after printing help. */
export function readOptions(name: string, words: readonly string[], { write, complain }: Screen): Options {
  const program = new Command(name)
    .description("Tests every promise of a contract against a server, in every serialization.")
    .option("--url <url>", "the URL of the server", url, "http://localhost:8080")
    .option("--codec <names>", `serializations, separated by commas: ${codecNames.join(", ")}`, codecs, [...codecNames])
    .option("--pairs <name>", pairsHelp, oneOf(pairNames), "all")
    .option("--grep <text>", "only checks whose name, method or serialization contains this text")
    .option("--tag <names>", "only checks with one of these tags, separated by commas; --list prints them", list, [])
    .option("--reporter <name>", reporterNames.join(", "), oneOf(reporterNames), "spec")
    .option("--bail", "stop at the first broken promise", false)
    .option("--seed <number>", "repeats the random choices of another run", wholeNumber, randomInt(2 ** 31))
    .option("--runs <number>", "the number of generated messages", wholeNumber, 300)
    .option("--jobs <number>", "the number of checks at a time", positive, 4)
    .option("--accounts <file>", "existing accounts, as JSON: actor to e-mail address and password", accounts, {})
    .option("--mailbox <folder>", "where the server writes its mail; cases that read mail are skipped without it")
    .option("--keep", "do not remove what was created, so that the curl line of a failure can be sent again", false)
    .option("--throwaway", "the server exists for this run alone: generated ids may name existing things", false)
    .option(
      "--contract <path>",
      "a descriptor set, a folder of .proto files, or `served`: the contract that the server serves",
    )
    .option("--no-socket", "play no case over a web socket, also where the contract has them")
    .option("--list", "print the checks, and run none", false)
    .configureOutput({ writeOut: write, writeErr: complain })
    .exitOverride()
    .showHelpAfterError("(--help prints all options)")
    .parse(words, { from: "user" });
  return program.opts<Options>();
}

/** Whether a check is chosen by the options. */
export function isChosen({ grep, tag }: Options, { path, tags, codec }: Check<never>): boolean {
  const text = [...path, codec && `(${codec})`].join(" ").toLowerCase();
  return (
    (grep === undefined || text.includes(grep.toLowerCase())) &&
    (tag.length === 0 || tag.some((one) => tags.includes(one)))
  );
}

function url(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new InvalidArgumentError("It is not an http or https URL.");
  return text.replace(/\/+$/, "");
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

function codecs(text: string): CodecName[] {
  const chosen = list(text);
  const known = codecNames.filter((name) => chosen.includes(name));
  if (known.length === 0 || known.length < new Set(chosen).size)
    throw new InvalidArgumentError(`It is not one of ${codecNames.join(", ")}.`);
  return known;
}

function oneOf<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text);
    if (!found) throw new InvalidArgumentError(`It is not one of ${names.join(", ")}.`);
    return found;
  };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

function positive(text: string): number {
  const number = wholeNumber(text);
  if (number < 1 || number > 64) throw new InvalidArgumentError("It is not a number from 1 to 64.");
  return number;
}

function accounts(file: string): Record<string, Plain> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}`);
  }
  if (!isObject(parsed) || !Object.values(parsed).every(isObject))
    throw new InvalidArgumentError('It is not like {"actor": {"email": "...", "password": "..."}}.');
  return parsed as Record<string, Plain>;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
