// Fields of the path: a body or a query may repeat them, and is refused when it has another value; a path may be percent-encoded.
import { encode, type Plain } from "../../client/encoding.js";
import { differences } from "../../match.js";
import { fieldTypeOf } from "../../values/field-type.js";
import { derived, malformed, type Derive } from "../derivation.js";
import { ReusableRequest } from "../reusable-request.js";

export const pathFieldChecks: Derive = (derivation, rpc) => {
  const fields = rpc.request.fields.filter(({ name }) => rpc.pathFields.includes(name));
  if (fields.length === 0) return [];
  const { registry } = derivation.descriptors;
  return derivation.codecs.map((codec) =>
    derived(derivation, rpc, "paths", "fields of the path, elsewhere too", codec, async (findings, fresh) => {
      const usual = await fresh();
      const expected = usual.comparable(await usual.send());
      const reusable = new ReusableRequest(fresh);
      await findings.using("a percent-encoded path", reusable, async (prepared) => {
        const escaped = (value: unknown): string =>
          [...Buffer.from(String(value))].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
        const path = rpc.path.replace(/\{(\w+)\}/g, (_, name: string) => escaped(prepared.request[name]));
        const answer = await prepared.send({ path });
        // A Problem's instance is the path; a success has none.
        return { faults: differences(prepared.comparable(answer), expected, true), curl: answer.curl };
      });
      for (const field of fields) {
        const { name, jsonName } = field;
        const kind = fieldTypeOf(field).kind;
        const otherOf = (value: unknown): unknown => (kind === "integer" ? Number(value) + 1 : `${String(value)}x`);
        if (!rpc.hasBody) {
          const prepared = await fresh();
          const rest = prepared.client.query(rpc, prepared.request, codec);
          const query = (value: unknown) =>
            [rest, `${name}=${encodeURIComponent(String(value))}`].filter(Boolean).join("&");
          await findings.during(`another ${name} in the query`, async () => {
            const answer = await prepared.send({ query: query(otherOf(prepared.request[name])) });
            findings.refused(`another ${name} in the query`, answer, malformed);
          });
          await findings.using(`the same ${name} in the query`, reusable, async (one) => {
            const answer = await one.send({ query: query(one.request[name]) });
            return { faults: differences(one.comparable(answer), expected, true), curl: answer.curl };
          });
          continue;
        }
        const bodyOf = (rest: Plain, key: string, value: unknown): Buffer =>
          codec === "protobuf"
            ? encode(registry, rpc.request, { ...rest, [name]: value }, codec)
            : Buffer.from(JSON.stringify({ ...rest, [key]: value }));
        for (const key of codec === "protobuf" ? [name] : new Set([name, jsonName])) {
          await findings.using(`the same ${key} in the body`, reusable, async (one) => {
            const body = bodyOf(one.body, key, one.request[name]);
            const answer = await one.send({ body });
            return { faults: differences(one.comparable(answer), expected, true), curl: answer.curl };
          });
          await findings.during(`another ${key} in the body`, async () => {
            const prepared = await fresh();
            const body = bodyOf(prepared.body, key, otherOf(prepared.request[name]));
            const answer = await prepared.send({ body });
            findings.refused(`another ${key} in the body`, answer, malformed);
            const [named] = (answer.body["violations"] ?? []) as { field: string }[];
            findings.add(`another ${key} in the body`, differences(named?.field, name, true, "violation"), answer.curl);
          });
        }
      }
    }),
  );
};
