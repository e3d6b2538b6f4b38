// Hostile access tokens over HTTP: whatever is sent as one, no caller comes of it, and the answer is a 401 in the caller's serialization.
import { createHmac, createSign, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import * as fc from "fast-check";
import { exchange, type RawAnswer } from "../../runner/client/exchange.js";
import { deriveKey } from "../../src/platform/secrets/derived-key.js";
import { loadContract } from "../../src/contract/model/load.js";
import { testServer, type TestServer } from "../support/server.js";
import { repeats } from "../support/numbers.js";

type Json = Record<string, unknown>;

const secretKey = randomBytes(32).toString("hex");
const types = ["application/json", "application/protobuf+json", "application/protobuf"] as const;
const base64url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decoded = (part: string): Json => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Json;

/** Signs with HMAC, as the server does. */
function hmac(header: unknown, claims: unknown, key: string | Uint8Array, digest = "sha256"): string {
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${createHmac(digest, key).update(text).digest("base64url")}`;
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** Signs with a key of the attacker. */
function asymmetric(alg: "RS256" | "PS256" | "ES256", header: Json, claims: unknown): string {
  const text = `${base64url({ ...header, alg })}.${base64url(claims)}`;
  const sign = createSign("sha256").update(text);
  if (alg === "RS256") return `${text}.${sign.sign(rsa.privateKey, "base64url")}`;
  if (alg === "ES256") return `${text}.${sign.sign({ key: ec.privateKey, dsaEncoding: "ieee-p1363" }, "base64url")}`;
  return `${text}.${sign.sign({ key: rsa.privateKey, padding: 6, saltLength: 32 }, "base64url")}`;
}

describe("hostile access tokens over HTTP", function () {
  this.timeout(120_000);
  let server: TestServer;
  let good: string;
  let tokens: Json;
  /** The key under which the server has signed. */
  let key: Uint8Array;
  const contract = loadContract(fileURLToPath(new URL("../../proto", import.meta.url)));
  const guarded = contract.methods
    .filter(({ access }) => access !== "ACCESS_PUBLIC")
    .map(({ verb, path, produces, consumes }) => ({ verb, produces, consumes, path: path.replace(/\{\w+\}/g, "1") }));

  before(async () => {
    server = await testServer({ SECRET_KEY: secretKey });
    const post = async (path: string, body: Json): Promise<Json> => {
      const headers = [["Content-Type", "application/json"]] as const;
      const answer = await exchange(server.url, { verb: "POST", path, headers, body: JSON.stringify(body) });
      return JSON.parse(answer.body.toString("utf8")) as Json;
    };
    const account = { email: "owner@example.org", password: "a long password" };
    await post("/v1/auth/register", { ...account, first_name: "Ada", last_name: "L" });
    tokens = await post("/v1/auth/login", account);
    good = tokens["access_token"] as string;
    const [head, payload, signature] = good.split(".");
    key = deriveKey(secretKey, "access token");
    const own = createHmac("sha256", key).update(`${head}.${payload}`).digest("base64url");
    expect(own, "the tests sign as the server does").to.equal(signature);
  });
  after(() => server.close());

  const send = (authorization: string, type: string = types[0], path = "/v1/auth/me", verb = "GET", sent?: string) => {
    const headers: (readonly [string, string])[] = [
      ["Accept", type],
      ["Authorization", authorization],
    ];
    if (sent !== undefined) headers.push(["Content-Type", sent]);
    return exchange(server.url, { verb, path, headers });
  };

  function expectRefused(answer: RawAnswer, type: string, what: string): void {
    const { status, headers } = answer;
    expect(status, what).to.equal(401);
    expect(headers["www-authenticate"], what).to.match(/^Bearer realm="lyceum"/);
    const sent = headers["content-type"]!.replace(/;.*/, "");
    expect(sent, what).to.equal(type);
    expect(answer.body.length, what).to.be.above(0);
  }

  /** Tokens with one fault each; those with a signature have it from the server's own key, unless the key is the fault. */
  function hostile(): Record<string, string> {
    const [head, payload, signature] = good.split(".") as [string, string, string];
    const [header, claims] = [decoded(head), decoded(payload)];
    const now = Math.floor(Date.now() / 1000);
    const signed = (change: Json, ofHeader: Json = {}): string =>
      hmac({ ...header, ...ofHeader }, { ...claims, ...change }, key);
    const without = (name: string): string => {
      const { [name]: _, ...rest } = claims;
      return hmac(header, rest, key);
    };
    const jwk = rsa.publicKey.export({ format: "jwk" });
    const all: Record<string, string> = {
      "another key": hmac(header, claims, randomBytes(32)),
      "no key": hmac(header, claims, ""),
      "the secret itself as key": hmac(header, claims, secretKey),
      "the bytes of the secret as key": hmac(header, claims, Buffer.from(secretKey, "hex")),
      "the public key of an attacker as key": hmac(
        header,
        claims,
        rsa.publicKey.export({ format: "pem", type: "spki" }) as string,
      ),
      HS384: hmac({ ...header, alg: "HS384" }, claims, key, "sha384"),
      HS512: hmac({ ...header, alg: "HS512" }, claims, key, "sha512"),
      "another issuer": signed({ iss: "gymnasium" }),
      "another audience": signed({ aud: "gymnasium" }),
      "a list of other audiences": signed({ aud: ["gymnasium", "academy"] }),
      "another type": signed({}, { typ: "JWT" }),
      "the type of a refresh token": signed({}, { typ: "rt+jwt" }),
      "a critical extension": signed({}, { crit: ["exp"], exp: now + 60 }),
      "an unencoded payload": signed({}, { b64: false, crit: ["b64"] }),
      "a compressed payload": signed({}, { zip: "DEF", crit: ["zip"] }),
      "an expiry in the past": signed({ iat: now - 3600, exp: now - 1800 }),
      "an expiry that is text": signed({ exp: String(now + 600) }),
      "an expiry that never comes": hmac(
        header,
        JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999'),
        key,
      ),
      "a beginning in the future": signed({ nbf: now + 3600 }),
      "an issue in the future": signed({ iat: now + 3600, exp: now + 7200 }),
      "an issue long ago": signed({ iat: now - 10 * 365 * 86_400, exp: now + 600 }),
      "a subject that is a list": signed({ sub: [claims["sub"]] }),
      "a subject of SQL": signed({ sub: "1 or 1=1" }),
      "a subject of zero": signed({ sub: "0" }),
      "a subject that is not there": signed({ sub: "9007199254740991" }),
      "a session of SQL": signed({ sid: "' or ''='" }),
      "a role that is not there": signed({ role: "ROLE_OWNER" }),
      "a role of every object": signed({ role: "__proto__" }),
      "another payload under the signature": `${head}.${base64url({ ...claims, sub: "2" })}.${signature}`,
      "a higher role under the signature": `${head}.${base64url({ ...claims, role: "ROLE_SUPER_ADMIN" })}.${signature}`,
      "another header under the signature": `${base64url({ ...header, x: 1 })}.${payload}.${signature}`,
      "the signature of the payload alone": `${head}.${payload}.${createHmac("sha256", key).update(payload).digest("base64url")}`,
      "a signature that is cut": `${head}.${payload}.${signature.slice(0, 20)}`,
      "other unused bits in the signature": `${head}.${payload}.${signature.slice(0, -1)}${nextOf(signature.at(-1)!)}`,
      "padding behind the signature": `${good}=`,
      "a signature in hexadecimal": `${head}.${payload}.${Buffer.from(signature, "base64url").toString("hex")}`,
      "no signature": `${head}.${payload}.`,
      "no dots": "abc",
      "dots alone": "..",
      "four dots": `....`,
      "an empty header": `.${payload}.${signature}`,
      "an empty payload": `${head}..${signature}`,
      "itself twice": `${good}.${good}`,
      "itself in itself": hmac({ ...header, cty: "JWT" }, good, key),
      "itself as a claim": signed({ jwt: good, sub: undefined }),
      "an encrypted token": `${base64url({ alg: "dir", enc: "A256GCM" })}..${base64url("iv")}.${base64url("text")}.${base64url("tag")}`,
      "JSON in place of the compact form": JSON.stringify({
        payload,
        signatures: [{ protected: head, signature }],
      }).replaceAll(" ", ""),
      "a refresh token": tokens["refresh_token"] as string,
      "a device token": tokens["device_token"] as string,
      null: "null",
      undefined: "undefined",
      "a tab inside": `${head}.\t${payload}.${signature}`,
      "a blank inside": `${head} .${payload}.${signature}`,
      "two tokens with a comma": `${good},${good}`,
      "two tokens with a blank": `${good} ${good}`,
      "a comma at its end": `${good},`,
      quotes: `"${good}"`,
      "percent signs": encodeURIComponent(`${good}=`),
      "characters that are not UTF-8": `${good}\u00ff\u00fe`,
      "2 kB": hmac({ ...header, x: "x".repeat(1500) }, claims, key),
      "8 kB": hmac(header, { ...claims, x: "x".repeat(6000) }, key),
      "15 kB": hmac(header, { ...claims, x: "x".repeat(11_000) }, key),
      "15 kB of dots": ".".repeat(15_000),
    };
    for (const alg of [
      "none",
      "None",
      "NONE",
      "nOnE",
      "",
      " none",
      null,
      false,
      0,
      [],
      ["HS256"],
      { alg: "HS256" },
      "hs256",
      "HS256 ",
    ]) {
      all[`the algorithm ${JSON.stringify(alg)}, unsigned`] = `${base64url({ ...header, alg })}.${payload}.`;
      all[`the algorithm ${JSON.stringify(alg)}, signed`] = hmac({ ...header, alg }, claims, key);
      all[`the algorithm ${JSON.stringify(alg)}, with the old signature`] =
        `${base64url({ ...header, alg })}.${payload}.${signature}`;
    }
    for (const name of Object.keys(claims)) all[`no ${name}`] = without(name);
    for (const alg of ["RS256", "PS256", "ES256"] as const)
      for (const [what, more] of Object.entries({
        "a key of the attacker": {},
        "its key within": { jwk: alg === "ES256" ? ec.publicKey.export({ format: "jwk" }) : jwk },
        "the address of its key": { jku: "https://evil.example/keys.json" },
        "the address of its certificate": { x5u: "https://evil.example/key.pem" },
        "its certificate within": { x5c: ["MIIB"] },
      }))
        all[`${alg} with ${what}`] = asymmetric(alg, { ...header, ...more }, claims);
    // A key id names a key, and nothing else: not even with a signature that somebody could make with what it points to.
    const ids = [
      "../../../../dev/null",
      "/dev/null",
      "/etc/passwd",
      "' union select 'a",
      "1; drop table users",
      randomUUID(),
      "__proto__",
      "constructor",
      "x".repeat(10_000),
      "\u0000",
      "",
      "https://evil.example/key",
    ];
    for (const kid of ids) {
      all[`the key id ${kid.slice(0, 30)}, signed with nothing`] = hmac({ ...header, kid }, claims, "");
      all[`the key id ${kid.slice(0, 30)}, signed with itself`] = hmac({ ...header, kid }, claims, kid);
    }
    for (const kid of [[], {}, ["a"], 1, true])
      all[`the key id ${JSON.stringify(kid)}`] = hmac({ ...header, kid }, claims, "");
    all["a key within, of its own signature"] = hmac(
      { ...header, jwk: { kty: "oct", k: base64url("a") } },
      claims,
      "a",
    );
    return all;
  }

  it("are refused with 401 in each serialization, where the same token without the fault is good", async () => {
    const [head, payload] = good.split(".") as [string, string];
    const control = hmac(decoded(head), { ...decoded(payload), jti: randomUUID() }, key);
    expect(control).not.to.equal(good);
    for (const token of [good, control]) expect((await send(`Bearer ${token}`)).status).to.equal(200);
    const all = Object.entries(hostile());
    expect(all).to.have.length.above(150);
    for (const [what, token] of all)
      for (const type of types) expectRefused(await send(`Bearer ${token}`, type), type, what);
    expect((await send(`Bearer ${good}`)).status).to.equal(200);
  });

  it("are refused on every method that needs a login, and do no harm where none is needed", async () => {
    const all = hostile();
    const names = [
      "another key",
      "no signature",
      "an expiry in the past",
      "a refresh token",
      'the algorithm "none", unsigned',
      "RS256 with its key within",
    ];
    for (const name of names)
      for (const { verb, path, produces, consumes } of guarded) {
        const type = types[path.length % types.length]!;
        const answer = await send(`Bearer ${all[name]!}`, [...produces, type].join(", "), path, verb, consumes[0]);
        expectRefused(answer, type, `${name} at ${verb} ${path}`);
      }
    for (const [what, token] of Object.entries(all))
      expect((await send(`Bearer ${token}`, types[0], "/health")).status, what).to.equal(200);
  });

  const credentials: Record<string, (token: string) => string> = {
    nothing: () => "",
    "the scheme alone": () => "Bearer",
    "the scheme and a blank": () => "Bearer ",
    "the token alone": (token) => token,
    "a tab in place of the blank": (token) => `Bearer\t${token}`,
    "no blank": (token) => `Bearer${token}`,
    "a colon": (token) => `Bearer: ${token}`,
    "a parameter": (token) => `Bearer token=${token}`,
    "another scheme": (token) => `Token ${token}`,
    Basic: (token) => `Basic ${Buffer.from(`${token}:`).toString("base64")}`,
    Negotiate: (token) => `Negotiate ${token}`,
    "a list of schemes": (token) => `Basic YTpi, Bearer ${token}`,
    "the scheme twice": (token) => `Bearer Bearer ${token}`,
    "a letter of the same look": (token) => `B\u00earer ${token}`,
  };
  for (const [what, of] of Object.entries(credentials))
    it(`are refused as ${what}`, async () => {
      for (const type of types) expectRefused(await send(of(good), type), type, what);
    });

  it("are refused where two headers have one each, and where the head is too large", async () => {
    const twice = [
      ["Authorization", `Bearer ${good}`],
      ["Authorization", `Bearer ${good}`],
    ] as const;
    expect((await exchange(server.url, { verb: "GET", path: "/v1/auth/me", headers: twice })).status).to.equal(400);
    for (const bytes of [17_000, 1_000_000]) {
      const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
      socket.write(`GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${"a".repeat(bytes)}\r\n\r\n`);
      await once(socket, "close");
      expect(answer.split("\r\n", 1)[0]).to.match(/^HTTP\/1\.1 431 /);
    }
  });

  it("are refused as any bytes, also those that are not UTF-8", async () => {
    for (const bytes of [
      [0xff, 0xfe],
      [0xc3, 0x28],
      [0x80],
      [0xed, 0xa0, 0x80],
      [0xf0, 0x9f, 0x92, 0xa9],
      [0x00],
      [0x0b],
      [0x7f],
    ]) {
      const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
      const [before, after] = [
        `GET /v1/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${good}`,
        "\r\nConnection: close\r\n\r\n",
      ];
      socket.write(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
      await once(socket, "close");
      // Some of them no header may have.
      expect(answer.split("\r\n", 1)[0], String(bytes)).to.match(/^HTTP\/1\.1 40[01] /);
    }
  });

  it("are refused however a good token was changed", async () => {
    const characters = fc.constantFrom(..."ABCabcxyz019-_.=+/~%,;:'\"(){}[]<>!?*&^$#@\\");
    const place = fc.nat({ max: good.length - 1 });
    const change = fc.oneof(
      fc.tuple(place, characters).map(
        ([at, one]) =>
          (token: string) =>
            token.slice(0, at) + one + token.slice(at + 1),
      ),
      fc.tuple(place, characters).map(
        ([at, one]) =>
          (token: string) =>
            token.slice(0, at) + one + token.slice(at),
      ),
      fc.tuple(place, fc.nat({ max: 50 })).map(
        ([at, count]) =>
          (token: string) =>
            token.slice(0, at) + token.slice(at + count + 1),
      ),
      fc.tuple(place, place).map(
        ([at, to]) =>
          (token: string) =>
            token.slice(at) + token.slice(0, to),
      ),
      fc.tuple(place, fc.nat({ max: 50 })).map(
        ([at, count]) =>
          (token: string) =>
            token.slice(0, at + count) + token.slice(at),
      ),
      fc
        .shuffledSubarray([0, 1, 2], { minLength: 1 })
        .map((order) => (token: string) => order.map((at) => token.split(".")[at]).join(".")),
      place.map((at) => (token: string) => {
        const one = token[at] ?? "";
        return (
          token.slice(0, at) + (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()) + token.slice(at + 1)
        );
      }),
      fc
        .tuple(fc.constantFrom(0, 1, 2), fc.nat({ max: 200 }), fc.nat({ max: 7 }))
        .map(([part, byte, bit]) => (token: string) => {
          const parts = token.split(".");
          const bytes = Buffer.from(parts[part] ?? "", "base64url");
          if (bytes.length > 0) bytes[byte % bytes.length]! ^= 1 << bit;
          parts[part] = bytes.toString("base64url");
          return parts.join(".");
        }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...types),
        async (changes, type) => {
          const token = changes.reduce((one, apply) => apply(one), good);
          fc.pre(token !== good && token !== "" && token.length < 15_000);
          expectRefused(await send(`Bearer ${token}`, type), type, token);
        },
      ),
      { numRuns: repeats(200, 1_000) },
    );
    expect((await send(`Bearer ${good}`)).status).to.equal(200);
  });
});

/** The next character of base64url, which decodes to the same four bits. */
function nextOf(last: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(last) + 1]!;
}
