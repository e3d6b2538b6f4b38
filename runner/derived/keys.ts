// Keys and values of paths and queries: only those of the contract are accepted.
import type { CodecName, Plain } from "../client/encoding.js";
import { differences } from "../match.js";
import { mistypedQuery } from "../values/mistyped.js";
import { derived, malformed, rotatedCodecs, type Derive, type Findings } from "./derivation.js";
import type { PreparedRequest } from "./example-request.js";

export const keyChecks: Derive = (derivation, rpc) =>
  rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "keys", "keys and values of the path and the query", codec, async (findings, fresh) => {
      const prepared = await fresh();
      const usual = rpc.hasBody ? "" : prepared.client.query(rpc, prepared.request, codec);
      const also = async (what: string, more: string): Promise<void> => {
        const query = [usual, more].filter(Boolean).join("&");
        await findings.during(what, async () => findings.refused(what, await prepared.send({ query }), malformed));
      };
      await also("an unknown key", "unknown_key=1");
      await also("an empty key", "=1");
      const fields = rpc.request.fields.filter(({ name }) => !rpc.pathFields.includes(name));
      for (const { name, jsonName, fieldKind } of fields) {
        await also(`${name} misspelt`, `${name}x=1`);
        await also(`${name} in capitals`, `${name.toUpperCase()}=1`);
        if (fieldKind === "map" || fieldKind === "message") continue;
        if (!rpc.hasBody && fieldKind !== "list") await also(`${name} twice`, `${name}=1&${name}=1`);
        if (rpc.hasBody) await also(`${name} in the query of a method with a body`, `${name}=1`);
        else if (name !== jsonName) await also(`two spellings of ${name}`, `${name}=1&${jsonName}=1`);
      }
      if (!rpc.hasBody) await spellings(findings, fresh, codec, usual);
      if (!rpc.hasBody) await mistypedParameters(findings, prepared);
      await mistypedPath(findings, prepared);
    }),
  );

/** A query means the same with other, equivalent spellings of its keys and values. */
async function spellings(
  findings: Findings,
  fresh: () => Promise<PreparedRequest>,
  codec: CodecName,
  usual: string,
): Promise<void> {
  if (usual === "") return;
  const whole = await fresh();
  const expected = whole.comparable(await whole.send());
  const escaped = (text: string): string =>
    [...Buffer.from(decodeURIComponent(text))].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const others: Record<string, (query: string) => string> = {
    "with escaped values": (query) => query.replace(/=([^&]*)/g, (_, value: string) => `=${escaped(value)}`),
    "with escaped keys": (query) => query.replace(/([^&=]+)=/g, (_, key: string) => `${escaped(key)}=`),
    "with empty parts": (query) => `&${query}&&`,
    "in another order": (query) => query.split("&").reverse().join("&"),
  };
  for (const [what, change] of Object.entries(others)) {
    await findings.during(`the query ${what}`, async () => {
      const prepared = await fresh();
      const query = change(prepared.client.query(prepared.rpc, prepared.request, codec).replaceAll("+", "%20"));
      const answer = await prepared.send({ query });
      findings.add(`the query ${what}`, differences(prepared.comparable(answer), expected, true), answer.curl);
    });
  }
}

async function mistypedParameters(findings: Findings, prepared: PreparedRequest): Promise<void> {
  const { rpc, client, codec, request } = prepared;
  for (const field of rpc.request.fields) {
    if (rpc.pathFields.includes(field.name) || field.name === rpc.bodyField) continue;
    const rest: Plain = Object.fromEntries(Object.entries(request).filter(([name]) => name !== field.name));
    for (const { name, text } of mistypedQuery(field)) {
      const query = [client.query(rpc, rest, codec), `${field.name}=${encodeURIComponent(text)}`]
        .filter(Boolean)
        .join("&");
      const what = `${field.name} is ${name}`;
      await findings.during(what, async () => findings.refused(what, await prepared.send({ query }), malformed));
    }
  }
}

async function mistypedPath(findings: Findings, prepared: PreparedRequest): Promise<void> {
  const { rpc, client, request } = prepared;
  for (const field of rpc.request.fields.filter(({ name }) => rpc.pathFields.includes(name))) {
    for (const { name, text } of mistypedQuery(field)) {
      // An empty segment makes another path.
      if (text === "") continue;
      const path = client.path(rpc, { ...request, [field.name]: text });
      const what = `${field.name} in the path is ${name}`;
      await findings.during(what, async () => findings.refused(what, await prepared.send({ path }), malformed));
    }
  }
}
