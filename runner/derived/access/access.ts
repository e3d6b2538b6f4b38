// Access: without credentials a method that needs a login answers 401, and with too low a rank 403.
import { requireActors } from "../../cases/case-checks.js";
import type { CaseFile, Enrolment, Step } from "../../cases/case.js";
import { fixedPair } from "../../cases/codec-plan.js";
import { prepareCase } from "../../cases/run-case.js";
import type { Worker } from "../../cases/worker.js";
import type { Check } from "../../check.js";
import type { Called } from "../../client/client.js";
import type { Rpc } from "../../client/descriptors.js";
import type { CodecName } from "../../client/encoding.js";
import type { PreparedRequest } from "../example-request.js";
import { derived, type Findings, malformed, rotatedCodecs, type Derivation, type Derive } from "../derivation.js";

const noLogin = { status: 401, reason: "UNAUTHENTICATED" };
const fromAnotherPage = { status: 403, reason: "CROSS_SITE_REQUEST" };
const badToken = { status: 401, reason: "INVALID_TOKEN" };

export const accessChecks: Derive = (derivation, rpc) => {
  const { lower, higher } = otherRanks(derivation, rpc);
  // Without a path it needs nothing that belongs to another caller.
  const isForAll = rpc.verb === "GET" && rpc.pathFields.length === 0;
  return rotatedCodecs(derivation, rpc).flatMap((codec) =>
    [credentialCheck(derivation, rpc, codec)].concat(
      lower.map((rank) => rankCheck(derivation, rpc, codec, rank, false)),
      isForAll ? higher.map((rank) => rankCheck(derivation, rpc, codec, rank, true)) : [],
    ),
  );
};

function credentialCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  return derived(derivation, rpc, "access", "who may call", codec, async (findings, fresh, worker) => {
    const prepared = await fresh();
    const as = (authorization: string): Promise<Called> =>
      prepared.send({ token: undefined, headers: { authorization } });
    if (rpc.isPublic) {
      findings.succeeded("an invalid token, which is ignored", prepared, await as("Bearer nonsense"));
      return;
    }
    findings.refused("without a login", await prepared.send({ token: undefined }), noLogin);
    findings.refused("with another scheme", await as("Basic bm9ib2R5OnNlY3JldA=="), noLogin);
    findings.refused("with an invalid token", await as("Bearer nonsense"), badToken);
    const forged = `${prepared.token!.slice(0, -2)}${prepared.token!.endsWith("AA") ? "BB" : "AA"}`;
    findings.refused("with a token whose signature is forged", await as(`Bearer ${forged}`), badToken);
    // Any number of blanks is behind the scheme (RFC 9110, section 11.4).
    for (const scheme of ["bearer", "BEARER", "Bearer "]) {
      const other = await fresh();
      const answer = await other.send({ headers: { authorization: `${scheme} ${other.token}` } });
      findings.succeeded(`with the scheme ${scheme}`, other, answer);
    }
    const ended = await endedToken(derivation, worker);
    if (ended !== undefined)
      findings.refused("with the token of a session that has ended", await as(`Bearer ${ended}`), badToken);
    await cookieChecks(derivation, rpc, findings, fresh);
    if (rpc.hasBody) {
      const body = Buffer.from([0xff]);
      const early = await prepared.send({ token: undefined, body });
      findings.refused("without a login, and with a body that cannot be read", early, noLogin);
      findings.refused("with a login, and a body that cannot be read", await prepared.send({ body }), malformed);
    }
  });
}

/** Headers of a request that a page of another origin has sent. */
const fromElsewhere: readonly Readonly<Record<string, string>>[] = [
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
  { origin: "null" },
  { origin: "https://elsewhere.example" },
];

/** By cookie a method does the same, and a change is refused when another page may have sent it, before its body is read. */
async function cookieChecks(
  { suite }: Derivation,
  rpc: Rpc,
  findings: Findings,
  fresh: () => Promise<PreparedRequest>,
): Promise<void> {
  const { cookies } = suite.enrolment;
  if (!cookies) return;
  const prepared = await fresh();
  const cookie = cookies.map((name) => `${name}=${prepared.token}`).join("; ");
  const body = rpc.hasBody ? Buffer.from([0xff]) : undefined;
  for (const headers of rpc.verb === "GET" ? [] : fromElsewhere) {
    const answer = await prepared.send({ token: undefined, headers: { cookie, ...headers }, body });
    findings.refused(`by cookie, from a page with ${JSON.stringify(headers)}`, answer, fromAnotherPage);
  }
  const headers = { cookie, "sec-fetch-site": "same-origin" };
  findings.succeeded("by cookie", prepared, await prepared.send({ token: undefined, headers }));
}

type Rank = NonNullable<Enrolment["ranks"]>[number];

/** The ranks that have an actor and are too low for a method, and those that are higher than it needs. */
function otherRanks({ suite }: Derivation, rpc: Rpc): { lower: readonly Rank[]; higher: readonly Rank[] } {
  const { ranks = [] } = suite.enrolment;
  const needed = ranks.findIndex(({ access }) => access === rpc.access);
  const lower = ranks.slice(0, Math.max(needed, 0)).filter(({ access }) => !access.endsWith("_PUBLIC"));
  return { lower, higher: needed < 0 || rpc.isPublic ? [] : ranks.slice(needed + 1) };
}

function rankCheck(
  derivation: Derivation,
  rpc: Rpc,
  codec: CodecName,
  { access, actor }: Rank,
  isEnough: boolean,
): Check<Worker> {
  const sentence = `${access} is ${isEnough ? "" : "not "}enough`;
  return derived(derivation, rpc, "access", sentence, codec, async (findings, fresh, worker) => {
    const file: CaseFile = { subject: actor, actors: [actor], cases: {} };
    const actors = await worker.actors(file);
    requireActors(actors, file, { as: actor });
    const prepared = await fresh();
    const token = await actors.tokenOf(actor, fixedPair({ request: codec, response: codec }));
    const answer = await prepared.send({ token });
    if (isEnough) findings.succeeded(`as ${actor}`, prepared, answer);
    else findings.refused(`as ${actor}`, answer, { status: 403, reason: "PERMISSION_DENIED" });
  });
}

const endedTokens = new WeakMap<Worker, Promise<string>>();

/** The token of a session that has ended, one for each worker; undefined when the suite has no steps that end one. */
async function endedToken({ suite, codecs }: Derivation, worker: Worker): Promise<string | undefined> {
  const { end } = suite.enrolment;
  if (!end) return undefined;
  const found = endedTokens.get(worker) ?? endSession(end, codecs[0]!, worker);
  endedTokens.set(worker, found);
  return found;
}

async function endSession(end: readonly Step[], codec: CodecName, worker: Worker): Promise<string> {
  const name = "leaver";
  const file: CaseFile = { subject: "ended sessions", actors: [name], cases: {} };
  const actors = await worker.actors(file);
  const plan = fixedPair({ request: codec, response: codec });
  const token = await actors.tokenOf(name, plan);
  const steps = end.map((step): Step => ({ ...step, as: name }));
  await prepareCase(actors, file, "", { given: steps, steps }, plan);
  return token;
}
