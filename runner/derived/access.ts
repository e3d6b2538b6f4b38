// Access: without credentials a method that needs a login answers 401, and with too low a rank 403.
import { requireActors } from "../cases/case-checks.js";
import type { CaseFile, Enrolment } from "../cases/case.js";
import { fixedPair } from "../cases/codec-plan.js";
import type { Worker } from "../cases/worker.js";
import type { Check } from "../check.js";
import type { Called } from "../client/client.js";
import type { Rpc } from "../client/descriptors.js";
import type { CodecName } from "../client/encoding.js";
import { derived, malformed, rotatedCodecs, type Derivation, type Derive } from "./derivation.js";

const noLogin = { status: 401, reason: "UNAUTHENTICATED" };
const badToken = { status: 401, reason: "INVALID_TOKEN" };

export const accessChecks: Derive = (derivation, rpc) => {
  const ranks = lowerRanks(derivation, rpc);
  return rotatedCodecs(derivation, rpc).flatMap((codec) =>
    [credentialCheck(derivation, rpc, codec)].concat(ranks.map((rank) => rankCheck(derivation, rpc, codec, rank))),
  );
};

function credentialCheck(derivation: Derivation, rpc: Rpc, codec: CodecName): Check<Worker> {
  return derived(derivation, rpc, "access", "who may call", codec, async (findings, fresh) => {
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
    if (rpc.hasBody) {
      const body = Buffer.from([0xff]);
      const early = await prepared.send({ token: undefined, body });
      findings.refused("without a login, and with a body that cannot be read", early, noLogin);
      findings.refused("with a login, and a body that cannot be read", await prepared.send({ body }), malformed);
    }
  });
}

type Rank = NonNullable<Enrolment["ranks"]>[number];

/** The ranks that have an actor and are too low for a method. */
function lowerRanks({ suite }: Derivation, rpc: Rpc): readonly Rank[] {
  const { ranks = [] } = suite.enrolment;
  const needed = ranks.findIndex(({ access }) => access === rpc.access);
  return ranks.slice(0, Math.max(needed, 0)).filter(({ access }) => !access.endsWith("_PUBLIC"));
}

function rankCheck(derivation: Derivation, rpc: Rpc, codec: CodecName, { access, actor }: Rank): Check<Worker> {
  return derived(derivation, rpc, "access", `${access} is not enough`, codec, async (findings, fresh, worker) => {
    const file: CaseFile = { subject: actor, actors: [actor], cases: {} };
    const actors = await worker.actors(file);
    requireActors(actors, file, { as: actor });
    const prepared = await fresh();
    const token = await actors.tokenOf(actor, fixedPair({ request: codec, response: codec }));
    findings.refused(`as ${actor}`, await prepared.send({ token }), { status: 403, reason: "PERMISSION_DENIED" });
  });
}
