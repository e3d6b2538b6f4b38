// The examples that Amazon publishes for S3 ("Signature Calculations for the Authorization Header"), by the tests' own calculation.
import { expect } from "chai";
import { authorizationOf } from "./signature-v4.js";

const id = "AKIAIOSFODNN7EXAMPLE";
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("signature version 4, as the tests work it out", () => {
  for (const [method, target, extra, signature] of [
    ["GET", "/test.txt", { range: "bytes=0-9" }, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"],
    [
      "PUT",
      "/test%24file.text",
      {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    ["GET", "/?lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["GET", "/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ] as const) {
    it(`is that of the published example ${method} ${target}`, () => {
      const headers: Record<string, string> = {
        host: "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": empty,
        "x-amz-date": "20130524T000000Z",
        ...extra,
      };
      const names = Object.keys(headers).sort().join(";");
      const scope = "20130524/us-east-1/s3/aws4_request";
      headers["authorization"] = `AWS4-HMAC-SHA256 Credential=${id}/${scope},SignedHeaders=${names},Signature=`;
      expect(authorizationOf({ method, target, headers }, id, secret)).to.match(new RegExp(`Signature=${signature}$`));
    });
  }
});
