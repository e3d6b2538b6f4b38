// What a path answers to: its verbs, HEAD and OPTIONS, with a slash at the end or without.
import type { Called } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { differences } from "../match.js";
import { derived, type Derive } from "./derivation.js";

const verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const verbChecks: Derive = (derivation, rpc) => {
  const allowed = verbsOf(derivation.descriptors, rpc);
  const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
  const listed = (answer: Called): string[] =>
    (answer.headers["allow"] ?? "")
      .split(/\s*,\s*/)
      .filter(Boolean)
      .sort();
  return derivation.codecs.map((codec) =>
    derived(derivation, rpc, "verbs", "the verbs of its path", codec, async (findings, fresh) => {
      const ready = await fresh();
      for (const verb of verbs.filter((one) => !allowed.includes(one))) {
        await findings.during(verb, async () => {
          const answer = await ready.send({ verb });
          findings.refused(verb, answer, { status: 405, reason: "METHOD_NOT_ALLOWED" });
          findings.add(verb, differences(listed(answer), allow, true, "Allow"), answer.curl);
        });
      }
      await findings.during("OPTIONS", async () => {
        const options = await ready.send({ verb: "OPTIONS", isAnyAnswer: true });
        findings.add("OPTIONS", differences(options.status, 204, true, "status"), options.curl);
        findings.add("OPTIONS", differences(listed(options), allow, true, "Allow"), options.curl);
      });
      await findings.during("a slash at the end", async () => {
        const slashed = await ready.send({ path: `${ready.client.path(rpc, ready.request)}/` });
        findings.succeeded("a slash at the end", ready, slashed);
      });
      if (rpc.verb !== "GET") return;
      await findings.during("HEAD", async () => {
        const [get, head] = [await ready.send(), await ready.send({ verb: "HEAD" })];
        findings.add("HEAD", differences(head.status, get.status, true, "status"), head.curl);
        const isFirm = ready.exemplar.played.noisy !== true && !JSON.stringify(ready.said(get)).includes('"<');
        findings.add("HEAD", differences(firm(head, isFirm), firm(get, isFirm), true, "headers"), head.curl);
      });
    }),
  );
};

function verbsOf({ rpcs }: Descriptors, { path }: Rpc): string[] {
  const shape = (one: string): string => one.replace(/\{\w+\}/g, "{}");
  return [...rpcs.values()].filter((other) => shape(other.path) === shape(path)).map(({ verb }) => verb);
}

/** The headers that two answers to the same question share; those that come of the body only where it is the same. */
function firm({ headers }: Called, isSame: boolean): Record<string, string> {
  const ofTheBody = isSame ? [] : ["content-length", "etag"];
  const passing = new Set(["date", "x-request-id", "connection", "keep-alive", ...ofTheBody]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));
}
