// Values of a wrong type in a JSON body: refused in both JSON formats, with the place of the value.
import { withoutPath } from "../client/client.js";
import { mistyped } from "../values/mistyped.js";
import { derived, malformed, type Derive } from "./derivation.js";

export const typeChecks: Derive = (derivation, rpc) => {
  if (!rpc.hasBody || rpc.request.fields.length === 0) return [];
  const fields = rpc.request.fields.filter(({ name }) => !rpc.pathFields.includes(name));
  return derivation.codecs
    .filter((codec) => codec !== "protobuf")
    .map((codec) =>
      derived(derivation, rpc, "types", "values of a wrong type", codec, async (findings, fresh) => {
        const prepared = await fresh();
        for (const field of fields) {
          for (const { name, json, field: place } of mistyped(field)) {
            const what = `${field.name} is ${name}`;
            await findings.during(what, async () => {
              const message = { ...withoutPath(rpc, prepared.request), [field.name]: json };
              const answer = await prepared.send({ body: Buffer.from(JSON.stringify(message)) });
              findings.refused(what, answer, malformed);
              const [named] = (answer.body["violations"] ?? []) as { field: string }[];
              if (place !== undefined && named?.field !== place)
                findings.add(what, [`expected a violation of ${place}, got ${named?.field ?? "none"}`], answer.curl);
            });
          }
        }
      }),
    );
};
