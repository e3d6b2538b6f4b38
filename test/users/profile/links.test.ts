// The links of a profile: what the rules of the contract let in, and its one spelling.
import { expect } from "chai";
import fc from "fast-check";
import { loadContract } from "../../../src/contract/model/load.js";
import { validator } from "../../../src/contract/validation/validate.js";
import { ApiError } from "../../../src/errors.js";
import type { FieldViolation } from "../../../src/gen/lyceum/v1/problem.js";
import type { ProfileLinks } from "../../../src/gen/lyceum/v1/user.js";
import { readChange } from "../../../src/users/profile/read-change.js";
import { repeats } from "../../support/numbers.js";

const { root } = loadContract(new URL("../../../proto", import.meta.url).pathname);
const validate = validator(root.lookupType("lyceum.v1.UpdateUserRequest"));

type Field = keyof ProfileLinks;
const fields: readonly Field[] = ["telegram", "github", "stepik", "kaggle", "website"];

/** What is stored of links; the violations when they are refused. */
function sent(links: ProfileLinks): ProfileLinks | readonly FieldViolation[] {
  const request = { user_id: 1, profile: { links: { ...links } } };
  try {
    validate(request);
    const { telegram, github, stepik, kaggle, website } = readChange({ profile: request.profile }, new Set());
    return { telegram, github, stepik, kaggle, website };
  } catch (error) {
    if (error instanceof ApiError && error.reason === "INVALID_FIELDS") return error.more.violations ?? [];
    throw error;
  }
}

/** The one spelling of a link; undefined when it is refused. */
function kept(field: Field, text: string): string | undefined {
  const links = sent({ [field]: text });
  return "length" in links ? undefined : (links as ProfileLinks)[field];
}

/** By service: where its links are, and names there. */
const services: Readonly<
  Record<Exclude<Field, "website">, { start: string; hosts: string[]; names: fc.Arbitrary<string> }>
> = {
  telegram: {
    start: "https://t.me/",
    hosts: ["t.me", "telegram.me"],
    names: fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{3,31}$/),
      fc.constantFrom("profile", "users", "https", "t_me"),
    ),
  },
  github: {
    start: "https://github.com/",
    hosts: ["github.com", "www.github.com"],
    names: fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/),
      fc.constantFrom("profile", "users", "1", "12"),
    ),
  },
  stepik: { start: "https://stepik.org/users/", hosts: ["stepik.org"], names: fc.stringMatching(/^[1-9][0-9]{0,14}$/) },
  kaggle: {
    start: "https://www.kaggle.com/",
    hosts: ["kaggle.com", "www.kaggle.com"],
    names: fc.oneof(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,49}$/), fc.constantFrom("profile", "users", "1_1")),
  },
};

const secretive = [
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "ftp://t.me/vera_i",
  "vbscript:x",
  "blob:x",
  "//t.me/vera_i",
];

/** Texts that look like a link to a host, and are none. */
function hostile(host: string, path: string): string[] {
  const [first, ...rest] = host;
  const other = { t: "т", g: "ɡ", s: "ѕ", k: "κ", w: "ԝ", v: "ѵ" }[first!] ?? "е";
  return [
    ...secretive,
    `https://${host}.evil.com/${path}`,
    `https://evil.com/${host}/${path}`,
    `https://evil.com/?https://${host}/${path}`,
    `https://evil.com#https://${host}/${path}`,
    `https://${host}@evil.com/${path}`,
    `https://user:word@${host}/${path}`,
    `https://user@${host}/${path}`,
    `https://${host}:8443/${path}`,
    `https://${host}\\@evil.com/${path}`,
    `https:\\\\${host}\\${path}`,
    `https:/${host}/${path}`,
    `https:///${host}/${path}`,
    `https://evil${host}/${path}`,
    `https://evil-${host}/${path}`,
    `https://${other}${rest.join("")}/${path}`,
    `https://${host.replace(".", "。")}/${path}`,
    `https://${host.replace(".", "．")}/${path}`,
    `https://${host.replace(".", "%2e")}/${path}`,
    `https://${host}./${path}`,
    `https://${host}//${path}`,
    `https://${host}/../${path}`,
    `https://${host}/${path}/../evil`,
    `https://${host}/%2e%2e/${path}`,
    `https://${host}/${path}\n.evil.com`,
    `https://${host}\t/${path}`,
    `https://${host}/${path}\u202e`,
    `https://${host}/`,
    `https://${host}`,
    `${host}/`,
    `https://${host}/${path}/more/of/it`,
    `https://ｗｗｗ.${host}/${path}`,
    `https://${host}/ｖera_i`,
    `https://xn--${host}/${path}`,
    `http+https://${host}/${path}`,
    `java\nscript:https://${host}/${path}`,
  ];
}

describe("a link of a profile", () => {
  for (const [field, { start, hosts, names }] of Object.entries(services) as [
    keyof typeof services,
    typeof services.github,
  ][])
    it(`to ${field} has one spelling, however it is written`, () => {
      const path = start
        .slice("https://".length)
        .split("/")
        .slice(1, -1)
        .map((part) => `${part}/`)
        .join("");
      const urls = fc
        .tuple(
          names,
          fc.constantFrom("", "http://", "https://", "HTTPS://", "hTTp://"),
          fc.constantFrom(...hosts, ...hosts.map((host) => host.toUpperCase())),
          fc.constantFrom("", "/"),
          fc.constantFrom("", "?tab=a/b", "#x@y", "?a?b#c", "?x=https://evil.com/@eve"),
          fc.constantFrom("", " ", "\u00a0\n"),
        )
        .map(([name, scheme, host, slash, rest, blank]) => ({
          name,
          text: `${blank}${scheme}${host}/${path}${name}${slash}${rest}${blank}`,
        }));
      fc.assert(
        fc.property(
          fc.oneof(
            urls,
            names.map((name) => ({ name, text: name })),
          ),
          ({ name, text }) => {
            expect(kept(field, text), text).to.equal(start + name);
            expect(kept(field, start + name)).to.equal(start + name);
          },
        ),
        { numRuns: 300 },
      );
      if (field !== "stepik") expect(kept(field, "@vera")).to.equal(`${start}vera`);
    });

  it("to a service leads to nothing but the service", () => {
    for (const [field, { hosts }] of Object.entries(services) as [keyof typeof services, typeof services.github][])
      for (const host of hosts)
        for (const text of hostile(host, field === "stepik" ? "users/12345" : "vera_i"))
          expect(kept(field, text), `${field}: ${text}`).to.equal(undefined);
    const texts = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .array(
          fc.constantFrom(
            "https:",
            "//",
            "/",
            "t.me",
            "github.com",
            "@",
            "\\",
            "evil.com",
            "?",
            "#",
            "vera",
            "1",
            ".",
            "%2f",
            ":",
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(services) as (keyof typeof services)[])), texts, (field, text) => {
        const { start } = services[field];
        const link = kept(field, text);
        if (!link) return;
        expect(link.startsWith(start), link).to.equal(true);
        expect(link.slice(start.length)).to.match(/^[\w-]+$/);
        expect(new URL(link).href).to.equal(link);
        expect(kept(field, link)).to.equal(link);
      }),
      { numRuns: repeats(400, 2000) },
    );
  });

  it("to a page of one's own is an https URL that everybody can open", () => {
    for (const [text, url] of [
      ["https://example.org", "https://example.org/"],
      ["HTTPS://Example.ORG.:443/a/../b?x#y", "https://example.org/b?x#y"],
      ["https://школа.рф/о-нас?я", "https://xn--80atdl2c.xn--p1ai/%D0%BE-%D0%BD%D0%B0%D1%81?%D1%8F"],
      ["https://a.b.c.d.e.example.org:8443/", "https://a.b.c.d.e.example.org:8443/"],
      ["", ""],
    ] as const)
      expect(kept("website", text), text).to.equal(url);
    for (const text of [
      ...secretive,
      "http://example.org",
      "example.org",
      "https:example.org",
      "https:///example.org",
      "https://user@example.org/",
      "https://user:word@example.org/",
      "https://@example.org/",
      "https://example.org\\@evil.com",
      "https://example.org/a\\b",
      "https://localhost/",
      "https://a.localhost/",
      "https://printer.local/",
      "https://nas.ⓛocal/",
      "https://db.internal./",
      "https://router.lan/",
      "https://1.168.192.in-addr.arpa/",
      "https://127.0.0.1/",
      "https://127.1/",
      "https://0x7f.0.0.1/",
      "https://2130706433/",
      "https://１２７.0.0.1/",
      "https://127.0.0.1./",
      "https://[::1]/",
      "https://[::ffff:127.0.0.1]/",
      "https://example..org/",
      "https://.example.org/",
      "https://ex%61mple.org/",
      "https://ｅxample.org/",
      "https://vera.\u00a0example.org/",
      "https://example.org:99999/",
      "https://xn--a.org/",
      "https://exam\u200bple.org/",
      `https://example.org/${"a".repeat(481)}`,
      `https://example.org/${"я".repeat(100)}`,
    ])
      expect(kept("website", text), text).to.equal(undefined);
  });

  it("to a page of one's own is the same when it is sent again", () => {
    const texts = fc
      .tuple(
        fc.constantFrom(
          "example.org",
          "школа.рф",
          "EXAMPLE.org.",
          "bücher.example",
          "a.b:443",
          "x.y:1",
          "xn--80a.xn--p1ai",
        ),
        fc.array(fc.oneof(fc.constantFrom(..."/?#%.~'\"<>|^`{}[]@:", "%2f", "%zz", "..", "я", "🦊"), fc.string()), {
          maxLength: 8,
        }),
      )
      .map(([host, rest]) => `https://${host}/${rest.join("")}`);
    fc.assert(
      fc.property(texts, (text) => {
        const url = kept("website", text);
        if (!url) return;
        expect(url)
          .to.match(/^https:\/\/[a-z0-9]/)
          .and.to.match(/^[!-~]{1,500}$/);
        expect(kept("website", url)).to.equal(url);
      }),
      { numRuns: 300 },
    );
  });

  it("is refused with its place, beside all others", () => {
    const bad = Object.fromEntries(fields.map((field) => [field, "javascript:alert(1)"]));
    expect(sent(bad)).to.deep.equal(
      fields.map((field) => ({
        field: `profile.links.${field}`,
        pointer: `/profile/links/${field}`,
        rule: "string.pattern",
        message: (sent({ [field]: "javascript:alert(1)" }) as FieldViolation[])[0]!.message,
      })),
    );
    expect(sent({ website: "https://127.0.0.1/" })).to.deep.equal([
      {
        field: "profile.links.website",
        pointer: "/profile/links/website",
        rule: "link.website",
        message: "must be an https URL that everybody can open",
      },
    ]);
  });
});
