// The verbs of a path, HEAD and OPTIONS, and a trailing slash.
import type { Called } from "../client/client.js";
import type { Descriptors, Rpc } from "../client/descriptors.js";
import { differences } from "../match.js";
import { derived, rotatedCodecs, type Derive } from "./derivation.js";

const verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const verbChecks: Derive = (derivation, rpc) => {
  const allowed = verbsOf(derivation.descriptors, rpc);
  const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
  const listed = (answer: Called): string[] =>
    (answer.headers["allow"] ?? "")
      .split(/\s*,\s*/)
      .filter(Boolean)
      .sort();
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "verbs", "the verbs of its path", codec, async (findings, fresh) => {
      const prepared = await fresh();
      for (const verb of verbs.filter((one) => !allowed.includes(one))) {
        await findings.during(verb, async () => {
          const answer = await prepared.send({ verb });
          findings.refused(verb, answer, { status: 405, reason: "METHOD_NOT_ALLOWED" });
          findings.add(verb, differences(listed(answer), allow, true, "Allow"), answer.curl);
        });
      }
      await findings.during("OPTIONS", async () => {
        const options = await prepared.send({ verb: "OPTIONS", isAnyAnswer: true });
        findings.add("OPTIONS", differences(options.status, 204, true, "status"), options.curl);
        findings.add("OPTIONS", differences(listed(options), allow, true, "Allow"), options.curl);
      });
      await findings.during("a slash at the end", async () => {
        const slashed = await prepared.send({ path: `${prepared.client.path(rpc, prepared.request)}/` });
        findings.succeeded("a slash at the end", prepared, slashed);
      });
      await findings.during("two slashes at the end", async () => {
        const slashed = await prepared.send({
          path: `${prepared.client.path(rpc, prepared.request)}//`,
          isAnyAnswer: true,
        });
        const notFound = { status: 404, reason: slashed.body["reason"] as string };
        findings.refused("two slashes at the end", slashed, notFound);
      });
      if (rpc.verb !== "GET") return;
      if (!rpc.isPublic) {
        await findings.during("HEAD without a login", async () => {
          const asAnyone = { token: undefined };
          const [get, head] = [await prepared.send(asAnyone), await prepared.send({ ...asAnyone, verb: "HEAD" })];
          findings.add("HEAD without a login", differences(head.status, get.status, true, "status"), head.curl);
          findings.add(
            "HEAD without a login",
            differences(firm(head, false), firm(get, false), true, "headers"),
            head.curl,
          );
        });
      }
      await findings.during("HEAD", async () => {
        const [get, head] = [await prepared.send(), await prepared.send({ verb: "HEAD" })];
        findings.add("HEAD", differences(head.status, get.status, true, "status"), head.curl);
        const isFirm =
          prepared.example.tested.noisy !== true && !JSON.stringify(prepared.comparable(get)).includes('"<');
        findings.add("HEAD", differences(firm(head, isFirm), firm(get, isFirm), true, "headers"), head.curl);
      });
    }),
  );
};

function verbsOf({ rpcs }: Descriptors, { path }: Rpc): string[] {
  const shape = (one: string): string => one.replace(/\{\w+\}/g, "{}");
  return [...rpcs.values()].filter((other) => shape(other.path) === shape(path)).map(({ verb }) => verb);
}

/** The headers that two answers to the same request share; those that depend on the body only where it is the same. */
function firm({ headers }: Called, isSame: boolean): Record<string, string> {
  const ofTheBody = isSame ? [] : ["content-length", "etag"];
  const passing = new Set(["date", "x-request-id", "connection", "keep-alive", "transfer-encoding", ...ofTheBody]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));
}
