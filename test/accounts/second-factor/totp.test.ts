import { expect } from "chai";
import jsqr from "jsqr";
import { createRecoveryCodes } from "../../../src/accounts/second-factor/recovery-codes.js";
import { createSecretBox } from "../../../src/accounts/second-factor/secret-box.js";
import { showSecret, stepOf } from "../../../src/accounts/second-factor/totp.js";
import { totp } from "../../../runner/cases/computed/totp.js";

/** The secret of RFC 6238, appendix B. */
const secret = Buffer.from("12345678901234567890");
const at = (seconds: number): Date => new Date(seconds * 1000);

describe("codes of authenticator apps", () => {
  // Appendix B has eight digits; six are the last of them.
  const vectors: readonly (readonly [seconds: number, code: string])[] = [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ];

  it("are those of RFC 6238", () => {
    for (const [seconds, code] of vectors) expect(stepOf(secret, code, at(seconds))).to.equal(Math.floor(seconds / 30));
  });

  it("are good one step before and after theirs, and no further", () => {
    const steps = [0, 30, 60, 90, 120].map((later) => stepOf(secret, "287082", at(later)));
    expect(steps).to.deep.equal([1, 1, 1, undefined, undefined]);
    expect(stepOf(secret, "287082", at(89))).to.equal(1);
  });

  it("are those of the program that plays the cases", () => {
    const shown = showSecret(secret, "Lyceum", "anna@example.org").secret;
    expect(stepOf(secret, totp(shown), new Date())).to.be.a("number");
    expect(stepOf(secret, totp(shown, 5), new Date())).to.equal(undefined);
  });

  it("have six ASCII digits: any other text is wrong, and no error", () => {
    const others = [
      "２８７０８２",
      "28708",
      "2870822",
      " 87082",
      "28708\n",
      "287082\n",
      "",
      "٢٨٧٠٨٢",
      "28708é",
      "2️⃣8️⃣",
      "-28708",
      "1e5000",
    ];
    for (const text of others) expect(stepOf(secret, text, at(59)), text).to.equal(undefined);
  });
});

describe("a secret as it is shown", () => {
  it("is the same in base32, in the link and in the QR code", () => {
    const shown = showSecret(secret, "Lyceum", "anna@example.org");
    expect(shown.secret).to.equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    expect(shown.otpauth_uri).to.equal(
      "otpauth://totp/Lyceum:anna%40example.org?issuer=Lyceum&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30",
    );
    expect(decoded(shown.qr_svg)).to.equal(shown.otpauth_uri);
  });

  it("fits into a QR code, however long the names are", () => {
    for (const [issuer, account] of [
      ["Школа № 1: «Лицей» & друзья", "мария.иванова@школа.рф"],
      ["😀".repeat(200), `${"я".repeat(240)}@example.org`],
    ] as const) {
      const shown = showSecret(secret, issuer, account);
      expect(decoded(shown.qr_svg)).to.equal(shown.otpauth_uri);
      expect(new URL(shown.otpauth_uri).searchParams.get("issuer")).to.equal([...issuer].slice(0, 60).join(""));
    }
  });

  it("is an SVG without styles, scripts and outside addresses", () => {
    const { qr_svg } = showSecret(secret, "</svg><script>alert(1)</script>", '"onload="alert(1)');
    expect(qr_svg.replace(/ d="[^"]*"/, "")).to.match(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[\d ]+"><rect fill="white" width="\d+" height="\d+"\/><path fill="black"\/><\/svg>$/,
    );
  });
});

describe("an encrypted secret", () => {
  const box = createSecretBox("k".repeat(32));

  it("is opened with the same key for the same user, and for nobody else", () => {
    const closed = box.close(secret, 7);
    expect(box.open(closed, 7)).to.deep.equal(secret);
    expect(box.open(closed, 8)).to.equal(undefined);
    expect(createSecretBox("l".repeat(32)).open(closed, 7)).to.equal(undefined);
  });

  it("is never the same twice, and opens in no changed form", () => {
    const closed = box.close(secret, 7);
    expect(box.close(secret, 7)).not.to.deep.equal(closed);
    expect(closed.includes(secret.subarray(0, 4))).to.equal(false);
    for (let at = 0; at < closed.length; at++) {
      const changed = Buffer.from(closed);
      changed[at]! ^= 1;
      expect(box.open(changed, 7), `byte ${at}`).to.equal(undefined);
      expect(box.open(closed.subarray(0, at), 7), `${at} bytes`).to.equal(undefined);
    }
  });
});

describe("recovery codes", () => {
  const codes = createRecoveryCodes("k".repeat(32));

  it("are ten texts of 50 bits, and never the same", () => {
    const all = Array.from({ length: 100 }, () => codes.make()).flat();
    for (const code of all) expect(code).to.match(/^[A-Z2-7]{5}-[A-Z2-7]{5}$/);
    expect(new Set(all).size).to.equal(1000);
    expect(new Set(all.join("").replaceAll("-", "")).size).to.equal(32);
  });

  it("are the same without the hyphen, in small letters and with blanks, and others for another user or key", () => {
    const hash = codes.hash("7KQ2M-XW4TA", 7);
    for (const spelling of ["7kq2m-xw4ta", "7KQ2MXW4TA", " 7kq2m xw4ta "])
      expect(codes.hash(spelling, 7)).to.deep.equal(hash);
    for (const other of [
      codes.hash("7KQ2M-XW4TB", 7),
      codes.hash("7KQ2M-XW4TA", 8),
      createRecoveryCodes("l".repeat(32)).hash("7KQ2M-XW4TA", 7),
    ])
      expect(other).not.to.deep.equal(hash);
  });
});

/** The text of a QR code, read from the squares of the picture. */
function decoded(svg: string): string | undefined {
  const scale = 4;
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)![1]) / 10;
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+),(\d+)h10v10h-10z/g))
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++) {
        const place = ((Number(y) / 10) * scale + dy) * side + (Number(x) / 10) * scale + dx;
        pixels.fill(0, place * 4, place * 4 + 3);
      }
  return jsqr.default(pixels, side, side)?.data;
}
