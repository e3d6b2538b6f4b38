// The command line of the faults.
import { parseArgs } from "node:util";
import { controls } from "./controls.js";
import { faults } from "./kinds/kinds.js";

export interface Options {
  /** After all kinds were played once, further rounds begin until this time has passed. */
  readonly seconds: number;
  /** The kinds to play; all of them when empty. */
  readonly kinds: readonly string[];
  readonly writers: number;
  readonly seed: number;
  /** One round of short faults. */
  readonly isShort: boolean;
  readonly control: string | undefined;
}

export const usage = `make faults ARGS="..."
  --seconds N     plays rounds of all kinds until N seconds have passed (300); one round at least
  --kinds A,B     these kinds alone: ${faults.map(({ kind }) => kind).join(", ")}
  --writers N     so many people write at once (32)
  --seed N        the seed of what is random (1)
  --short         one round of short faults with eight writers
  --control NAME  breaks a rule on purpose, and must end with 1: ${controls.map(({ name }) => name).join(", ")}`;

/** Reads the arguments. Throws an Error with a sentence for people. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      kinds: { type: "string", default: "" },
      writers: { type: "string" },
      seed: { type: "string", default: "1" },
      short: { type: "boolean", default: false },
      control: { type: "string" },
    },
  });
  const isShort = values.short;
  const kinds = values.kinds.split(",").filter(Boolean);
  for (const kind of kinds)
    if (!faults.some((fault) => fault.kind === kind)) throw new Error(`There is no kind of fault ${kind}.`);
  if (values.control !== undefined && !controls.some(({ name }) => name === values.control))
    throw new Error(`There is no control ${values.control}.`);
  return {
    seconds: whole("seconds", values.seconds ?? (isShort ? "0" : "300")),
    kinds,
    writers: Math.max(1, whole("writers", values.writers ?? (isShort ? "8" : "32"))),
    seed: whole("seed", values.seed),
    isShort,
    control: values.control,
  };
}

function whole(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} must be a whole number.`);
  return Number(text);
}
