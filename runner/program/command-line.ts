// The options of the program.
import { readFileSync } from "node:fs";
import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import type { Check } from "../check.js";
import { codecNames, type CodecName, type Plain } from "../client/encoding.js";
import { reporterNames } from "../report/reporters.js";

export interface Options {
  readonly url: string;
  readonly codec: readonly CodecName[];
  readonly grep: string | undefined;
  readonly tag: readonly string[];
  readonly reporter: string;
  readonly bail: boolean;
  readonly seed: number;
  readonly runs: number;
  readonly list: boolean;
  readonly throwaway: boolean;
  readonly keep: boolean;
  readonly jobs: number;
  /** A file with a descriptor set, a folder of .proto files, or "served". */
  readonly contract: string | undefined;
  /** What is known of actors who are there already. */
  readonly accounts: Readonly<Record<string, Plain>>;
}

/** Where help is written, and what is wrong with the words. */
interface Sheet {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Reads the words of a command line. Throws a CommanderError for a wrong one, and for help, when it has told about it. */
export function readOptions(name: string, words: readonly string[], { write, complain }: Sheet): Options {
  const program = new Command(name)
    .description("Plays every promise of a contract against a server, over every serialization.")
    .option("--url <url>", "where the server is", url, "http://localhost:8080")
    .option("--codec <names>", `serializations, with commas: ${codecNames.join(", ")}`, codecs, [...codecNames])
    .option("--grep <text>", "only checks whose name, method or serialization contains this")
    .option("--tag <names>", "only checks with one of these tags, with commas; --list shows them", list, [])
    .option("--reporter <name>", reporterNames.join(", "), oneOf(reporterNames), "spec")
    .option("--bail", "stop at the first broken promise", false)
    .option("--seed <number>", "makes the same random choices again", wholeNumber, randomInt(2 ** 31))
    .option("--runs <number>", "how many messages to make up", wholeNumber, 300)
    .option("--jobs <number>", "how many checks at a time", positive, 4)
    .option("--accounts <file>", "people who are there already, as JSON: actor to e-mail and password", accounts, {})
    .option("--keep", "leave on the server what was made, so that a failure's curl line can be sent again", false)
    .option("--throwaway", "the server is for this run alone: ids that are made up may hit what is there", false)
    .option("--contract <path>", "a descriptor set, a folder of .proto files, or `served`: what the server shows")
    .option("--list", "print the checks, and play none", false)
    .configureOutput({ writeOut: write, writeErr: complain })
    .exitOverride()
    .showHelpAfterError("(--help says more)")
    .parse(words, { from: "user" });
  return program.opts<Options>();
}

/** Whether a check is one that the options ask for. */
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
    throw new InvalidArgumentError(`There is ${codecNames.join(", ")}.`);
  return known;
}

function oneOf<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text);
    if (!found) throw new InvalidArgumentError(`There is ${names.join(", ")}.`);
    return found;
  };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

function positive(text: string): number {
  const number = wholeNumber(text);
  if (number < 1 || number > 64) throw new InvalidArgumentError("It is from 1 to 64.");
  return number;
}

function accounts(file: string): Record<string, Plain> {
  let people: unknown;
  try {
    people = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}`);
  }
  if (!isObject(people) || !Object.values(people).every(isObject))
    throw new InvalidArgumentError('It is not like {"actor": {"email": "...", "password": "..."}}.');
  return people as Record<string, Plain>;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
