// Plays faults, one after the other: load, fault, last words, calm, audit.
import { setTimeout as delay } from "node:timers/promises";
import { seeded } from "../../support/numbers.js";
import { audit } from "./audit.js";
import { realtimeControls } from "./controls.js";
import { lastWords, realtimeFaults, type Play } from "./kinds.js";
import { Load } from "./load.js";
import type { RealtimeOptions } from "./options.js";
import { RealtimeSite } from "./site.js";

export interface RealtimeResult {
  readonly kind: string;
  /** Numbers for people. */
  readonly facts: Readonly<Record<string, number>>;
  /** A sentence for each promise that was broken. */
  readonly broken: readonly string[];
}

/** How long the clients may take to have all, in milliseconds: on a busy machine, too. No client looks at heartbeats. */
const settledWithinMs = 60_000;
const controlledWithinMs = 6_000;

/** Plays what the options name; `tell` is called with each result. Closes all that it opens. */
export async function playRealtime(
  options: RealtimeOptions,
  tell: (result: RealtimeResult) => void = () => undefined,
): Promise<RealtimeResult[]> {
  const control = realtimeControls.find(({ name }) => name === options.control);
  const random = seeded(options.seed);
  const results: RealtimeResult[] = [];
  const site = await RealtimeSite.open(control?.mutations, control?.losses);
  let load: Load | undefined;
  try {
    const { isShort, clients } = options;
    load = await Load.make(site, { people: clients, chats: isShort ? 4 : 12, restMs: isShort ? 150 : 400 }, random);
    await load.followed();
    const startedAt = performance.now();
    const hold = (ms: number, briefMs: number): Promise<void> => delay(isShort ? briefMs : ms);
    const play: Play = { site, load, random, isShort, hold };
    const named =
      options.kinds.length > 0 ? options.kinds : control ? [control.kind] : realtimeFaults.map(({ kind }) => kind);
    do {
      for (const fault of realtimeFaults.filter(({ kind }) => named.includes(kind))) {
        const before = { ...factsOf(load), at: performance.now() };
        const broken: string[] = [];
        const patienceMs = control ? controlledWithinMs : settledWithinMs;
        const examine = async (): Promise<void> => {
          const audited = await audit(site, load!, patienceMs);
          for (const [name, sentences] of Object.entries(audited) as [string, string[]][])
            if (sentences.length > 0) broken.push(`${name}: ${some(sentences)}`);
        };
        let pausedAt = performance.now();
        try {
          load.resume();
          await hold(300, 100);
          await fault.play(play);
          await lastWords(play);
          pausedAt = performance.now();
          await examine();
          // One more message, when all are connected and nothing else happens.
          await load.flood(load.chats[random(load.chats.length)]!, 1, 20);
          if (broken.length === 0) await examine();
        } catch (error) {
          broken.push(error instanceof Error ? error.message : String(error));
        }
        broken.push(...load.strange.splice(0).slice(0, 3), ...site.crashed);
        const facts = {
          ...Object.fromEntries(
            Object.entries(factsOf(load)).map(([name, count]) => [name, count - before[name as "sent"]]),
          ),
          caught_up_ms: Math.round(performance.now() - pausedAt),
          seconds: Math.round(performance.now() - before.at) / 1000,
        };
        const result = { kind: fault.kind, facts, broken };
        results.push(result);
        tell(result);
        // What is wrong stays wrong.
        if (broken.length > 0) return results;
      }
    } while (performance.now() - startedAt < 1000 * options.seconds);
    return results;
  } finally {
    await load?.close();
    await site.close();
  }
}

const factsOf = ({ sent, clients, removals, callsAnswered, callsLost }: Load) => ({
  sent: sent.size,
  received: clients.reduce((sum, { replica }) => sum + replica.receptions.length, 0),
  connected: clients.reduce((sum, { connects }) => sum + connects, 0),
  resumed: clients.reduce((sum, { replica }) => sum + replica.resumes, 0),
  too_long: clients.reduce((sum, { replica }) => sum + replica.tooLong, 0),
  removals: removals.length,
  calls: callsAnswered,
  calls_lost: callsLost,
});

/** One line for people about one fault, with the promises that it broke. */
export function lineOf({ kind, facts, broken }: RealtimeResult): string {
  const numbers = Object.entries(facts).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
  return `${broken.length === 0 ? "✔" : "✘"} ${kind}: ${numbers.join(", ")}${broken.map((each) => `\n    BROKEN ${each}`).join("")}`;
}

function some(sentences: readonly string[]): string {
  const more = sentences.length > 3 ? `, and ${sentences.length - 3} more` : "";
  return sentences.slice(0, 3).join("; ") + more;
}
