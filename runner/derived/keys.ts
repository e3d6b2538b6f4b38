// What a path and a query may say: only what the contract knows, in the form that it has.
import type { Plain } from "../client/encoding.js";
import { mistypedQuery } from "../values/mistyped.js";
import { derived, malformed, type Derive, type Findings } from "./derivation.js";
import type { Ready } from "./example-request.js";

export const keyChecks: Derive = (derivation, rpc) =>
  derivation.codecs.map((codec) =>
    derived(derivation, rpc, "keys", "what the path and the query may say", codec, async (findings, fresh) => {
      const ready = await fresh();
      const usual = rpc.hasBody ? "" : ready.client.query(rpc, ready.request, codec);
      const also = async (what: string, more: string): Promise<void> => {
        const query = [usual, more].filter(Boolean).join("&");
        await findings.during(what, async () => findings.refused(what, await ready.send({ query }), malformed));
      };
      await also("a key that nobody knows", "nobody_knows_this=1");
      await also("an empty key", "=1");
      const fields = rpc.request.fields.filter(({ name }) => !rpc.pathFields.includes(name));
      for (const { name, jsonName, fieldKind } of fields) {
        await also(`${name} misspelt`, `${name}x=1`);
        await also(`${name} in capitals`, `${name.toUpperCase()}=1`);
        if (fieldKind === "map" || fieldKind === "message") continue;
        if (rpc.hasBody) await also(`${name} in the query of a method with a body`, `${name}=1`);
        else if (name !== jsonName) await also(`two spellings of ${name}`, `${name}=1&${jsonName}=1`);
      }
      if (!rpc.hasBody) await mistypedParameters(findings, ready);
      await mistypedPath(findings, ready);
    }),
  );

async function mistypedParameters(findings: Findings, ready: Ready): Promise<void> {
  const { rpc, client, codec, request } = ready;
  for (const field of rpc.request.fields) {
    if (rpc.pathFields.includes(field.name)) continue;
    const rest: Plain = Object.fromEntries(Object.entries(request).filter(([name]) => name !== field.name));
    for (const { name, text } of mistypedQuery(field)) {
      const query = [client.query(rpc, rest, codec), `${field.name}=${encodeURIComponent(text)}`]
        .filter(Boolean)
        .join("&");
      const what = `${field.name} is ${name}`;
      await findings.during(what, async () => findings.refused(what, await ready.send({ query }), malformed));
    }
  }
}

async function mistypedPath(findings: Findings, ready: Ready): Promise<void> {
  const { rpc, client, request } = ready;
  for (const field of rpc.request.fields.filter(({ name }) => rpc.pathFields.includes(name))) {
    for (const { name, text } of mistypedQuery(field)) {
      // An empty segment is another path.
      if (text === "") continue;
      const path = client.path(rpc, { ...request, [field.name]: text });
      const what = `${field.name} in the path is ${name}`;
      await findings.during(what, async () => findings.refused(what, await ready.send({ path }), malformed));
    }
  }
}
