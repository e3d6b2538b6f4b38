// Which requests a page of another origin may have sent: a table of headers.
import { expect } from "chai";
import { crossSite } from "../../../src/platform/http/cross-site.js";

const publicUrl = "https://lyceum.school.example";
const named = "https://pages.school.example";
const json = "application/json";

interface Row {
  readonly method?: string;
  readonly origin?: string;
  readonly site?: string;
  readonly type?: string;
}

const own: readonly Row[] = [
  { origin: publicUrl },
  { origin: named },
  { site: "same-origin" },
  { site: "none" },
  { site: "same-origin", origin: publicUrl },
  { site: "same-site", origin: named },
  // The server under another name than PUBLIC_URL: the browser compares, and the address agrees.
  { site: "same-origin", origin: "http://lyceum:8080" },
  // No page sends these without asking first, so that they are no page's.
  { type: json },
  { type: "application/protobuf" },
  { type: "image/png" },
  { method: "PUT" },
  { method: "PATCH" },
  { method: "DELETE" },
];

const foreign: readonly Row[] = [
  { origin: "null" },
  { origin: "" },
  { origin: "https://evil.example" },
  { origin: `${publicUrl}.evil.example` },
  { origin: `${publicUrl}@evil.example` },
  { origin: "https://evil-lyceum.school.example" },
  { origin: "https://school.example" },
  { origin: "http://lyceum.school.example" },
  { origin: `${publicUrl}:8443` },
  { origin: `${publicUrl}/` },
  { origin: publicUrl.toUpperCase() },
  { origin: `${publicUrl}, ${publicUrl}` },
  { origin: `${publicUrl}, https://evil.example` },
  { origin: "http://lyceum:8080" },
  { site: "cross-site" },
  { site: "same-site" },
  { site: "" },
  { site: "Same-Origin" },
  { site: "same-origin, cross-site" },
  { site: "cross-site", origin: publicUrl },
  { site: "cross-site", origin: named },
  { site: "same-origin", origin: "https://evil.example" },
  { site: "same-origin", origin: "null" },
  { site: "none", origin: "https://evil.example" },
  { method: "PUT", origin: "null" },
  { method: "DELETE", site: "cross-site" },
  // What a form of any page can send.
  {},
  { type: "" },
  { type: "text/plain" },
  { type: "Text/Plain; charset=utf-8" },
  { type: "text/plain; application/json" },
  { type: "application/x-www-form-urlencoded" },
  { type: "multipart/form-data; boundary=application/json" },
  { type: "nonsense" },
  { type: ", application/json" },
];

describe("a request that a page of another origin may have sent", () => {
  const isCrossSite = crossSite({ publicUrl, corsOrigins: [named] });
  const judge = ({
    method = "POST",
    origin,
    site,
    type = origin === undefined && site === undefined ? undefined : json,
  }: Row) =>
    isCrossSite({
      method,
      headers: {
        host: "lyceum:8080",
        ...(origin !== undefined && { origin }),
        ...(site !== undefined && { "sec-fetch-site": site }),
        ...(type !== undefined && { "content-type": type }),
      },
    });

  for (const row of own) it(`is not ${JSON.stringify(row)}`, () => expect(judge(row)).to.equal(false));
  for (const row of foreign) it(`is ${JSON.stringify(row)}`, () => expect(judge(row)).to.equal(true));
});
