// The parts of a contract that no case tests.
import { stepsOf, type CaseFile } from "./case.js";

/** Methods without a case of success, and declared reasons without a case; one line each. */
export function uncovered(
  files: readonly CaseFile[],
  methods: readonly { handler: string; reasons: readonly string[] }[],
): string[] {
  const shown = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [method, cases] of Object.entries(file.cases)) {
      for (const step of Object.values(cases)
        .flatMap(stepsOf)
        .flatMap((one) => ("together" in one ? one.together : "mailTo" in one ? [] : [one]))) {
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
  return methods.flatMap(({ handler, reasons }) => {
    const seen = shown.get(handler) ?? new Set();
    const good = [...seen].some((answer) => /^2\d\d$/.test(answer));
    return [
      ...(good ? [] : [`${handler}: no good case`]),
      ...reasons.filter((reason) => !seen.has(reason)).map((reason) => `${handler}: no case for ${reason}`),
    ];
  });
}
