// Scopes: an API key is let in with all scopes of a method, in each of the ways to present it, and with any of them missing it is not.
import { fixedPair } from "../../cases/codec-plan.js";
import { StepRunner } from "../../cases/step-runner.js";
import { Variables } from "../../cases/variables.js";
import type { Worker } from "../../cases/worker.js";
import type { Rpc } from "../../client/descriptors.js";
import type { PreparedRequest } from "../example-request.js";
import { derived, rotatedCodecs, type Derivation, type Derive, type Findings } from "../derivation.js";

const notEnough = { status: 403, reason: "INSUFFICIENT_SCOPE" };
const badKey = { status: 401, reason: "INVALID_TOKEN" };
const noLogin = { status: 401, reason: "UNAUTHENTICATED" };

type Headers = Readonly<Record<string, string>>;

const basic = (user: string, password: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

const ways: readonly (readonly [way: string, headers: (key: string) => Headers])[] = [
  ["in X-API-Key", (key) => ({ "x-api-key": key })],
  ["as a bearer token", (key) => ({ authorization: `Bearer ${key}` })],
  ["as the user name of Basic", (key) => basic(key, "")],
  ["as the password of Basic", (key) => basic("anybody", key)],
];

export const scopeChecks: Derive = (derivation, rpc) => {
  if (!derivation.suite.enrolment.keys || rpc.isPublic) return [];
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "access", "which API keys may call", codec, async (findings, fresh, worker) => {
      const prepared = await fresh();
      await checkRefusals(findings, derivation, prepared, worker);
      if (rpc.isForNoKey) return;
      for (const [way, headers] of ways) {
        const other = await fresh();
        await withKey(derivation, other, worker, rpc.scopes, async (key) => {
          const answer = await other.send({ token: undefined, headers: headers(key) });
          findings.succeeded(`with a key of its scopes ${way}`, other, answer);
        });
      }
    }),
  );
};

async function checkRefusals(
  findings: Findings,
  derivation: Derivation,
  prepared: PreparedRequest,
  worker: Worker,
): Promise<void> {
  const { rpc } = prepared;
  const all = scopesOf(derivation);
  for (const missing of rpc.isForNoKey ? [""] : rpc.scopes) {
    const scopes = all.filter((scope) => scope !== missing);
    await withKey(derivation, prepared, worker, scopes, async (key) => {
      const answer = await prepared.send({ token: undefined, headers: { "x-api-key": key } });
      findings.refused(missing ? `with a key without ${missing}` : "with a key of all scopes", answer, notEnough);
    });
  }
  const nonsense = await prepared.send({ token: undefined, headers: { "x-api-key": "nonsense" } });
  findings.refused("with a key that is none", nonsense, badKey);
  const ended = await withKey(derivation, prepared, worker, all, async (key) => {
    const beside = { "x-api-key": key, authorization: `Bearer ${prepared.token}` };
    findings.refused("with a key and an access token", await prepared.send({ headers: beside }), badKey);
    for (const name of ["api_key", "key", "access_token", "X-API-Key"])
      findings.refused(
        `with a key in the query, as ${name}`,
        await prepared.send({ token: undefined, query: `${name}=${key}` }),
        noLogin,
      );
  });
  for (const [way, headers] of ways)
    findings.refused(
      `with a key that has ended, ${way}`,
      await prepared.send({ token: undefined, headers: headers(ended) }),
      badKey,
    );
}

/** All scopes that some method needs. */
function scopesOf({ descriptors }: Derivation): string[] {
  const named = [...descriptors.rpcs.values()].filter((rpc: Rpc) => !rpc.isForNoKey).flatMap(({ scopes }) => scopes);
  return [...new Set(named)];
}

/** Makes a key of the caller of a request, and ends it after its use, so that they have room for the next. Returns the key. */
async function withKey(
  { suite, codecs }: Derivation,
  { client, token }: PreparedRequest,
  { target }: Worker,
  scopes: readonly string[],
  use: (key: string) => Promise<void>,
): Promise<string> {
  const { make, end } = suite.enrolment.keys!;
  const variables = new Variables();
  variables.set("token", token);
  variables.set("scopes", scopes);
  const codecPlan = fixedPair({ request: codecs[0]!, response: codecs[0]! });
  const stepRunner = new StepRunner({ client, volatile: [], variables, codecPlan, method: "" });
  for (const step of make) await stepRunner.run(step, "making an API key");
  const key = String(variables.get("key"));
  target.addSecret?.(key);
  try {
    await use(key);
  } finally {
    for (const step of end) await stepRunner.run(step, "ending an API key");
  }
  return key;
}
