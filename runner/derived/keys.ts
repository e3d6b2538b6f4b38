// Keys and values of paths and queries: only those of the contract are accepted.
import type { Plain } from "../client/encoding.js";
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
        if (rpc.hasBody) await also(`${name} in the query of a method with a body`, `${name}=1`);
        else if (name !== jsonName) await also(`two spellings of ${name}`, `${name}=1&${jsonName}=1`);
      }
      if (!rpc.hasBody) await mistypedParameters(findings, prepared);
      await mistypedPath(findings, prepared);
    }),
  );

async function mistypedParameters(findings: Findings, prepared: PreparedRequest): Promise<void> {
  const { rpc, client, codec, request } = prepared;
  for (const field of rpc.request.fields) {
    if (rpc.pathFields.includes(field.name)) continue;
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
