// Expect: 100-continue (RFC 9110, section 10.1.1): a body is asked for after everything that its headers show was checked, so
// that a client does not send it in vain.
import { derived, limitOf, rotatedCodec, tooLarge, type Derive, type Expected } from "../derivation.js";
import { differences } from "../../match.js";

const expectation = { expect: "100-continue" };

export const expectationChecks: Derive = (derivation, rpc) => {
  const takesBody = rpc.hasBody || rpc.isForm || rpc.bodyField !== undefined;
  const codec = rotatedCodec(derivation, rpc);
  return [
    derived(derivation, rpc, "expectations", "Expect: 100-continue", codec, async (findings, fresh) => {
      const usual = await fresh();
      const whole = await usual.send();
      if (rpc.isStream) return;
      const expected = usual.comparable(whole);
      for (const name of ["100-continue", "100-Continue"]) {
        await findings.during(`Expect: ${name}`, async () => {
          const prepared = await fresh();
          const answer = await prepared.send({ headers: { expect: name }, isBodyHeld: takesBody });
          findings.add(`Expect: ${name}`, differences(prepared.comparable(answer), expected, true), answer.curl);
          const isAsked = answer.isContinued || !takesBody || prepared.isBodyEmpty;
          findings.add(`Expect: ${name}`, isAsked ? [] : ["the body was not asked for with 100"], answer.curl);
        });
      }
      await findings.during("Expect: of something unknown", async () => {
        const prepared = await fresh();
        const answer = await prepared.send({ headers: { expect: "200-ok" } });
        const faults = differences(prepared.comparable(answer), expected, true);
        findings.add("Expect: of something unknown, which is ignored", faults, answer.curl);
      });
      if (!takesBody) return;

      const prepared = await fresh();
      const refusals: Record<string, [options: Parameters<typeof prepared.send>[0], expected: Expected]> = {
        "more bytes than are allowed": [
          { headers: { "content-length": String(limitOf(derivation, rpc) + 1) } },
          tooLarge,
        ],
        ...(!rpc.isStreamedUpload && {
          "an unknown media type": [
            { headers: { "content-type": "application/x-unknown" } },
            { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" },
          ],
        }),
        "an unknown coding": [
          { headers: { "content-encoding": "br" } },
          { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" },
        ],
        ...(rpc.success !== 204 && {
          "an answer in an unknown media type": [
            { headers: { accept: "text/x-other" }, isAnyAnswer: true },
            { status: 406, reason: "NOT_ACCEPTABLE" },
          ],
        }),
        ...(!rpc.isPublic && {
          "no login": [{ token: undefined }, { status: 401, reason: "UNAUTHENTICATED" }],
          "an invalid token": [{ token: "nonsense" }, { status: 401, reason: "INVALID_TOKEN" }],
        }),
      };
      for (const [what, [options, refusal]] of Object.entries(refusals)) {
        await findings.during(what, async () => {
          const body = Buffer.from("{}");
          const headers = { ...expectation, "content-length": String(body.length), ...options?.headers };
          const answer = await prepared.send({ ...options, body, headers, isBodyHeld: true });
          findings.refused(what, answer, refusal);
          findings.add(what, answer.isContinued ? ["the body was asked for with 100"] : [], answer.curl);
        });
      }
    }),
  ];
};
