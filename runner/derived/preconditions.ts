// Entity tags: what is known need not be sent again, and what has changed in between is not overwritten, in whatever
// serialization the tag was got (RFC 9110, section 13.1).
import type { CodecName } from "../client/encoding.js";
import type { Ready } from "./example-request.js";
import { derived, type Derive } from "./derivation.js";

const changed = { status: 412, reason: "PRECONDITION_FAILED" };

export const preconditionChecks: Derive = (derivation, rpc) => {
  const { codecs, descriptors } = derivation;
  const reader = [...descriptors.rpcs.values()].find(
    ({ verb, path, etag }) => verb === "GET" && path === rpc.path && etag,
  );
  if (rpc.etag !== undefined && rpc.verb === "GET")
    return codecs.map((codec) =>
      derived(derivation, rpc, "preconditions", "what is known is not sent again", codec, async (findings, fresh) => {
        const ready = await fresh();
        const first = await ready.send();
        const tag = first.headers["etag"] ?? "";
        findings.add("ETag", /^"[^"]+"$/.test(tag) ? [] : [`expected a strong tag, got ${tag || "none"}`], first.curl);
        const ask = (value: string, asked: CodecName = codec) =>
          ready.send({ pair: { request: asked, response: asked }, headers: { "if-none-match": value } });
        if (ready.exemplar.played.noisy) return;
        for (const value of [tag, `W/${tag}`, "*", `"other", ${tag}`]) {
          const answer = await ask(value);
          const got =
            answer.headers["etag"] === tag ? answer.status : `${answer.status} with ${answer.headers["etag"]}`;
          findings.add(`If-None-Match: ${value}`, got === 304 ? [] : [`expected 304, got ${got}`], answer.curl);
        }
        findings.succeeded("If-None-Match with another tag", ready, await ask('"other"'));
        for (const other of codecs.filter((one) => one !== codec))
          findings.succeeded(`a tag of ${codec}, asked for in ${other}`, ready, await ask(tag, other));
      }),
    );
  if (!rpc.ifMatch || !reader) return [];
  return codecs.flatMap((codec) =>
    codecs.map((known) =>
      derived(derivation, rpc, "preconditions", `a tag got in ${known}`, codec, async (findings, fresh) => {
        const tagOf = async ({ client, request, token }: Ready): Promise<string> => {
          const pair = { request: known, response: known };
          const named = Object.fromEntries(reader.pathFields.map((name) => [name, request[name]]));
          return (await client.call(reader.name, named, { pair, token })).headers["etag"] ?? "";
        };
        const ready = await fresh();
        const tag = await tagOf(ready);
        const tries = { "another version": tag.replace(/^"\d+/, '"999999'), "a tag that is not ours": '"other"' };
        for (const [what, value] of Object.entries(tries))
          findings.refused(what, await ready.send({ headers: { "if-match": value } }), changed);
        const again = await tagOf(ready);
        findings.add("a refused change", again === tag ? [] : [`the tag was ${tag}, and is ${again} now`]);
        const good = await ready.send({ headers: { "if-match": tag } });
        findings.succeeded(`If-Match: ${tag}`, ready, good);
        if (rpc.verb !== "DELETE")
          findings.refused("the same tag again", await ready.send({ headers: { "if-match": tag } }), changed);
        for (const weak of ["*", "W/"]) {
          const other = await fresh();
          const value = weak === "*" ? "*" : `W/${await tagOf(other)}`;
          findings.succeeded(`If-Match: ${value}`, other, await other.send({ headers: { "if-match": value } }));
        }
      }),
    ),
  );
};
