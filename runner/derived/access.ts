// Who may call: nobody without a login where one is needed, and nobody whose rank is too low.
import type { CaseFile } from "../cases/case.js";
import { requireActors } from "../cases/case-checks.js";
import { steadily } from "../cases/codec-plan.js";
import { derived, malformed, type Derive } from "./derivation.js";

const noLogin = { status: 401, reason: "UNAUTHENTICATED" };
const badToken = { status: 401, reason: "INVALID_TOKEN" };

export const accessChecks: Derive = (derivation, rpc) => {
  const { ranks = [] } = derivation.suite.enrolment;
  const needed = ranks.findIndex(({ access }) => access === rpc.access);
  return derivation.codecs.flatMap((codec) => [
    derived(derivation, rpc, "access", "who may call", codec, async (findings, fresh) => {
      const ready = await fresh();
      const as = (authorization: string) => ready.send({ token: undefined, headers: { authorization } });
      if (rpc.isPublic) {
        findings.succeeded("a token that is none is not looked at", ready, await as("Bearer nonsense"));
        return;
      }
      findings.refused("without a login", await ready.send({ token: undefined }), noLogin);
      findings.refused("with another scheme", await as("Basic bm9ib2R5OnNlY3JldA=="), noLogin);
      findings.refused("with a token that is none", await as("Bearer nonsense"), badToken);
      const forged = `${ready.token!.slice(0, -2)}${ready.token!.endsWith("AA") ? "BB" : "AA"}`;
      findings.refused("with a token whose signature is not right", await as(`Bearer ${forged}`), badToken);
      if (rpc.hasBody) {
        const body = Buffer.from([0xff]);
        const early = await ready.send({ token: undefined, body });
        findings.refused("without a login, and with a body that cannot be read", early, noLogin);
        findings.refused("with a login, and a body that cannot be read", await ready.send({ body }), malformed);
      }
    }),
    ...ranks.slice(0, Math.max(needed, 0)).flatMap(({ access, actor }) =>
      access.endsWith("_PUBLIC")
        ? []
        : derived(derivation, rpc, "access", `${access} is not enough`, codec, async (findings, fresh, lane) => {
            const file: CaseFile = { subject: actor, actors: [actor], cases: {} };
            const cast = await lane.cast(file);
            requireActors(cast, file, { as: actor });
            const ready = await fresh();
            const token = await cast.tokenOf(actor, steadily({ request: codec, response: codec }));
            const denied = { status: 403, reason: "PERMISSION_DENIED" };
            findings.refused(`as ${actor}`, await ready.send({ token }), denied);
          }),
    ),
  ]);
};
