// The command line of the faults of realtime.
import { parseArgs } from "node:util";
import { realtimeControls } from "./controls.js";
import { realtimeFaults } from "./kinds.js";

export interface RealtimeOptions {
  /** After all kinds were played once, further rounds begin until this time has passed. */
  readonly seconds: number;
  /** The kinds to play; all of them when empty. */
  readonly kinds: readonly string[];
  readonly clients: number;
  readonly seed: number;
  /** One round of short faults. */
  readonly isShort: boolean;
  readonly control: string | undefined;
}

export const realtimeUsage = `npx tsx test/faults/realtime/realtime.ts ...
  --seconds N     plays rounds of all kinds until N seconds have passed (120); one round at least
  --kinds A,B     these kinds alone: ${realtimeFaults.map(({ kind }) => kind).join(", ")}
  --clients N     so many clients (40)
  --seed N        the seed of what is random (1)
  --short         one round of short faults with ten clients
  --control NAME  breaks a rule on purpose, and must end with 1: ${realtimeControls.map(({ name }) => name).join(", ")}`;

/** Reads the arguments. Throws an Error with a sentence for people. */
export function readRealtimeOptions(args: readonly string[]): RealtimeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      kinds: { type: "string", default: "" },
      clients: { type: "string" },
      seed: { type: "string", default: "1" },
      short: { type: "boolean", default: false },
      control: { type: "string" },
    },
  });
  const isShort = values.short;
  const kinds = values.kinds.split(",").filter(Boolean);
  for (const kind of kinds)
    if (!realtimeFaults.some((fault) => fault.kind === kind)) throw new Error(`There is no kind of fault ${kind}.`);
  if (values.control !== undefined && !realtimeControls.some(({ name }) => name === values.control))
    throw new Error(`There is no control ${values.control}.`);
  return {
    seconds: whole("seconds", values.seconds ?? (isShort ? "0" : "120")),
    kinds,
    clients: Math.max(5, whole("clients", values.clients ?? (isShort ? "10" : "40"))),
    seed: whole("seed", values.seed),
    isShort,
    control: values.control,
  };
}

function whole(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} must be a whole number.`);
  return Number(text);
}
