// Turns case files into mocha tests: each case in each pair of serializations, and what is heard in one pair is what is
// heard in the others.
import { codecNames } from "./encoding.js";
import { differences } from "./match.js";
import type { Case, CaseFile, Enrolment } from "./case.js";
import type { Client, Pair } from "./client.js";
import { BrokenPromise } from "./check.js";
import { actorsOf, Cast, playCase } from "./play.js";

/** The same serialization both ways: three pairs. */
export const straightPairs: readonly Pair[] = codecNames.map((codec) => ({ request: codec, response: codec }));

/** Each serialization of the request with each of the answer: nine pairs. */
export const allPairs: readonly Pair[] = codecNames.flatMap((request) =>
  codecNames.map((response) => ({ request, response })),
);

/** Where cases are played. */
export interface Theatre {
  /** A client of the server of that name ("" is the usual one); undefined when there is none, and its cases are skipped. */
  client(server: string): Promise<Client | undefined>;
  readonly enrolment: Enrolment;
  /** What is known of those whom only an operator can appoint, by name: what the steps of `admit` need. */
  readonly known: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Choice {
  readonly pairs: readonly Pair[];
  /** Whether a case is played; all of them when absent. */
  readonly only?: (method: string, played: Case) => boolean;
}

/** Declares a mocha suite for each file, and in it a test for each case and pair. */
export function describeCases(theatre: Theatre, files: readonly CaseFile[], { pairs, only }: Choice): void {
  for (const file of files) {
    describe(file.subject, () => {
      const casts = new Map<string, Promise<Cast | undefined>>();
      const castOf = (server: string): Promise<Cast | undefined> => {
        const found =
          casts.get(server) ??
          theatre.client(server).then((client) => client && new Cast(client, theatre.enrolment, theatre.known));
        casts.set(server, found);
        return found;
      };
      for (const [method, cases] of Object.entries(file.cases)) {
        const chosen = Object.entries(cases).filter(([, played]) => !only || only(method, played));
        if (chosen.length === 0) continue;
        describe(method, () => {
          for (const [sentence, played] of chosen) declare(castOf, file, method, sentence, played, pairs);
        });
      }
    });
  }
}

function declare(
  castOf: (server: string) => Promise<Cast | undefined>,
  file: CaseFile,
  method: string,
  sentence: string,
  played: Case,
  pairs: readonly Pair[],
): void {
  let first: { heard: unknown; pair: string } | undefined;
  for (const pair of pairs) {
    const name = pair.request === pair.response ? pair.request : `${pair.request} to ${pair.response}`;
    it(`${sentence} (${name})`, async function () {
      const cast = await castOf(played.server ?? "");
      if (!cast?.canPlay(actorsOf(file, played))) return this.skip();
      const heard = await playCase(cast, file, method, played, pair);
      if (played.noisy) return;
      first ??= { heard, pair: name };
      const found = differences(heard, first.heard, true);
      if (found.length > 0)
        throw new BrokenPromise([`other answers in ${name} than in ${first.pair}:`, ...found].join("\n  "));
    });
  }
}

/** What the cases leave out of a contract: methods without a good case, and reasons that none of a method's cases shows. */
export function uncovered(
  files: readonly CaseFile[],
  methods: readonly { handler: string; reasons: readonly string[] }[],
): string[] {
  const shown = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [method, cases] of Object.entries(file.cases)) {
      for (const played of Object.values(cases)) {
        const steps = ("steps" in played ? played.steps : [played]).flatMap((step) =>
          "together" in step ? step.together : [step],
        );
        for (const step of steps) {
          const of = step.call ?? method;
          const answers = step.violates
            ? ["422"]
            : typeof step.answers === "object"
              ? Object.keys(step.answers)
              : [String(step.answers ?? 200)];
          shown.set(of, new Set([...(shown.get(of) ?? []), ...answers]));
        }
      }
    }
  }
  return methods.flatMap(({ handler, reasons }) => {
    const seen = shown.get(handler) ?? new Set();
    const good = [...seen].some((answer) => /^2\d\d$/.test(answer));
    return [
      ...(good ? [] : [`${handler}: no good case`]),
      ...reasons.filter((reason) => !seen.has(reason)).map((reason) => `${handler}: no case for ${reason}`),
    ];
  });
}
