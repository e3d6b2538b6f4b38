// Fields of the path: a body or a query may repeat them, and is refused when it has another value; a path may be percent-encoded.
import type { DescField } from "@bufbuild/protobuf";
import { encode, type CodecName, type Plain } from "../../client/encoding.js";
import type { Rpc } from "../../client/descriptors.js";
import { tag, LENGTH, VARINT, varint } from "../../encodings/wire-format.js";
import { differences } from "../../match.js";
import { fieldTypeOf, hasPresence } from "../../values/field-type.js";
import { derived, malformed, rotatedCodecs, type Derive } from "../derivation.js";
import type { PreparedRequest } from "../example-request.js";
import { ReusableRequest } from "../reusable-request.js";

export const pathFieldChecks: Derive = (derivation, rpc) => {
  const fields = rpc.request.fields.filter(({ name }) => rpc.pathFields.includes(name));
  if (fields.length === 0) return [];
  return rotatedCodecs(derivation, rpc).map((codec) =>
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
        const places = rpc.hasBody ? inBody(rpc, field, codec) : inQuery(field);
        for (const { what, isSame, options } of places) {
          if (isSame) {
            await findings.using(what, reusable, async (one) => {
              const answer = await one.send(options(one));
              return { faults: differences(one.comparable(answer), expected, true), curl: answer.curl };
            });
            continue;
          }
          await findings.during(what, async () => {
            const prepared = await fresh();
            const answer = await prepared.send(options(prepared));
            findings.refused(what, answer, malformed);
            const [named] = (answer.body["violations"] ?? []) as { field: string }[];
            findings.add(what, differences(named?.field, field.name, true, "violation"), answer.curl);
          });
        }
      }
    }),
  );
};

/** A second place of a path's field, with a value. */
interface Repeated {
  readonly what: string;
  /** Whether it agrees with the path. */
  readonly isSame: boolean;
  readonly options: (prepared: PreparedRequest) => { body: Buffer } | { query: string };
}

/** Values beside the path's own. A zero agrees: protobuf cannot tell it from an absent field. */
function valuesBeside(field: DescField): readonly Beside[] {
  const isNumber = fieldTypeOf(field).kind === "integer";
  const others: Beside[] = [
    ["the same", true, (own) => own],
    ["another", false, (own) => (isNumber ? Number(own) + 1 : `${String(own)}x`)],
  ];
  return hasPresence(field) ? others : others.concat([["the default", true, () => (isNumber ? 0 : "")]]);
}

type Beside = readonly [name: string, isSame: boolean, of: (own: unknown) => unknown];

function inQuery(field: DescField): Repeated[] {
  return [...new Set([field.name, field.jsonName])].flatMap((key) =>
    valuesBeside(field).map(([name, isSame, of]) => ({
      what: `${name} ${key} in the query`,
      isSame,
      options: ({ client, rpc, request, codec }) => {
        const own = `${key}=${encodeURIComponent(String(of(request[field.name])))}`;
        return { query: [client.query(rpc, request, codec), own].filter(Boolean).join("&") };
      },
    })),
  );
}

function inBody(rpc: Rpc, field: DescField, codec: CodecName): Repeated[] {
  const values = valuesBeside(field);
  if (codec === "protobuf")
    return values.map(([name, isSame, of]) => ({
      what: `${name} ${field.name} in the body`,
      isSame,
      options: ({ client, body, request }) => {
        const value = of(request[field.name]);
        const bytes = encode(client.descriptors.registry, rpc.request, { ...body, [field.name]: value }, codec);
        // An encoder leaves a zero out.
        return { body: value === 0 || value === "" ? Buffer.concat([bytes, zeroOf(field)]) : bytes };
      },
    }));
  const spellings = [["", (value: unknown) => value] as const, [", as a text,", String] as const];
  const place = (key: string, what: string, isSame: boolean, valueIn: (own: unknown) => unknown): Repeated => ({
    what: `${what} in the body`,
    isSame,
    options: ({ body, request }) => ({ body: json({ ...body, [key]: valueIn(request[field.name]) }) }),
  });
  return [...new Set([field.name, field.jsonName])].flatMap((key) =>
    values
      .flatMap(([name, isSame, of]) =>
        spellings.map(([spelling, spell]) => place(key, `${name} ${key}${spelling}`, isSame, (own) => spell(of(own)))),
      )
      .concat(place(key, `null as ${key}`, true, () => null)),
  );
}

function json(body: Plain): Buffer {
  return Buffer.from(JSON.stringify(body));
}

/** The zero of a number or of a text, as it is written where it is not left out. */
function zeroOf(field: DescField): Buffer {
  const isNumber = fieldTypeOf(field).kind === "integer";
  return Buffer.concat([tag(field.number, isNumber ? VARINT : LENGTH), varint(0)]);
}
