// Forms of parameters: how they are read, their media type and limits, and the errors of OAuth 2.0 (RFC 6749, section 5.2).
import { gzipSync } from "node:zlib";
import { parametersType } from "../client/descriptors.js";
import { contentOf } from "../client/http-body.js";
import { differences } from "../match.js";
import { derived, limitOf, malformed, rotatedCodecs, tooLarge, type Derive, type Expected } from "./derivation.js";

const unsupported: Expected = { status: 415, reason: "UNSUPPORTED_MEDIA_TYPE" };

/** Other ways to write the same form. */
const same: readonly (readonly [what: string, write: (form: string) => string, type?: string])[] = [
  ["with a charset", (form) => form, `${parametersType}; charset=utf-8`],
  ["with a charset in capital letters", (form) => form, `${parametersType.toUpperCase()};charset="UTF-8"`],
  ["with letters in escapes", (form) => form.replaceAll(/[a-z](?=[a-z]*(?:[=&]|$))/g, escaped)],
  ["with blanks in escapes", (form) => form.replaceAll("+", "%20")],
  ["with characters that are in no escape", (form) => form.replaceAll("%40", "@")],
  ["with a parameter that nobody knows", (form) => `${form}&no_such_parameter=1`],
  ["with nested parameters that nobody knows", (form) => `no[such]=1&${form}&no.other=2&no[such][]=3`],
  ["with names that every object has", (form) => `__proto__=1&${form}&constructor=2&toString=3`],
  ["with empty parameters", (form) => `${form}&no_such_parameter&`],
];

function escaped(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

export const formChecks: Derive = (derivation, rpc) => {
  if (!rpc.isForm) return [];
  const limit = limitOf(derivation, rpc);
  return rotatedCodecs(derivation, rpc).map((codec) =>
    derived(derivation, rpc, "content", "a form of parameters", codec, async (findings, fresh) => {
      const usual = await fresh();
      const whole = await usual.send();
      findings.succeeded("as it is", usual, whole);
      const expected = usual.comparable(whole);
      const form = contentOf(rpc, usual.request)!.data.toString();
      const [[name, value] = ["", ""]] = [...new URLSearchParams(form)];

      for (const [what, write, type = parametersType] of same)
        await findings.during(what, async () => {
          const one = await fresh();
          const body = Buffer.from(write(contentOf(rpc, one.request)!.data.toString()));
          const answer = await one.send({ body, headers: { "content-type": type } });
          findings.add(what, differences(one.comparable(answer), expected, true), answer.curl);
        });

      const broken: readonly (readonly [what: string, body: string | Buffer, expected: Expected])[] = [
        ["a parameter twice", `${form}&${name}=${encodeURIComponent(value!)}`, malformed],
        ["a parameter twice, once empty", `${form}&${name}=`, malformed],
        ["an unknown parameter twice", `${form}&a=1&a=2`, malformed],
        ["30 parameters", `${form}&${Array.from({ length: 30 }, (_, at) => `p${at}=1`).join("&")}`, malformed],
        ["an escape without digits", `${form}&a=%zz`, malformed],
        ["half an escape", `${form}&a=%4`, malformed],
        ["escapes that are not UTF-8", `${form}&a=%ff`, malformed],
        ["escapes of a lone surrogate", `${form}&a=%ed%a0%80`, malformed],
        ["bytes that are not UTF-8", Buffer.concat([Buffer.from(`${form}&a=`), Buffer.from([0xff])]), malformed],
        ["nothing", "", malformed],
        ["no parameter", "&", malformed],
        [`${limit + 1} bytes`, form.padEnd(limit + 1, "&"), tooLarge],
      ];
      for (const [what, body, refusal] of broken)
        for (const isChunked of [false, true])
          await findings.during(what, async () => {
            const headers = isChunked ? { "transfer-encoding": "chunked", "content-length": undefined } : {};
            const answer = await usual.send({ body: Buffer.from(body), headers });
            findings.refused(isChunked ? `${what}, in chunks` : what, answer, refusal);
            findings.add(what, differences(answer.body["error"], "invalid_request", true, "error"), answer.curl);
          });

      const types = [undefined, "application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense"];
      const charsets = ["latin1", "utf-16", "x"].map((charset) => `${parametersType}; charset=${charset}`);
      for (const type of [...types, ...charsets]) {
        const answer = await usual.send({ headers: { "content-type": type } });
        findings.refused(`as ${type}`, answer, unsupported);
        findings.add(`as ${type}`, differences(answer.body["supported"], [parametersType], true), answer.curl);
      }
      for (const coding of ["gzip", "br", "deflate", "x-unknown"]) {
        const headers = { "content-encoding": coding };
        findings.refused(`in ${coding}`, await usual.send({ body: gzipSync(form), headers }), unsupported);
      }
      const plain = await (await fresh()).send({ headers: { accept: undefined }, isAnyAnswer: true });
      findings.add("without Accept", differences(plain.codec, "json", true), plain.curl);
      const refusal = await usual.send({ body: Buffer.from("&"), headers: { accept: undefined }, isAnyAnswer: true });
      const type = refusal.headers["content-type"];
      findings.add(
        "an error",
        differences(type, "application/json; charset=utf-8", true, "Content-Type"),
        refusal.curl,
      );
    }),
  );
};
