// Codes of authenticator apps: RFC 6238 with what every app knows, SHA-1, six digits and steps of thirty seconds. Knows no account.
import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";

const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;

/** So many steps before and after that of now are accepted, for clocks that differ. */
const drift = 1;

/** A code has six ASCII digits; the library throws an error of its own over others. */
const codePattern = /^[0-9]{6}$/;

/** Names are cut, so that the link fits into a QR code however its letters are escaped. */
const longestName = 60;

/** What a person is shown of a new secret. */
export interface ShownSecret {
  /** Base32. */
  readonly secret: string;
  /** For authenticator apps. */
  readonly otpauth_uri: string;
  /** The link as a QR code: SVG of one rectangle and one path. */
  readonly qr_svg: string;
}

/** The secret as a person is shown it. `issuer` names the server, `account` the account. */
export function showSecret(secret: Buffer, issuer: string, account: string): ShownSecret {
  const [name, label] = [issuer, account].map((text) => [...text].slice(0, longestName).join(""));
  const otp = new TOTP({ ...parameters, issuer: name!, label: label!, secret: secretOf(secret) });
  const uri = otp.toString();
  return { secret: otp.secret.base32, otpauth_uri: uri, qr_svg: renderSVG(uri, { border: 4 }) };
}

/** The time step that a code is of, the one of `now` or one beside it; undefined for any other text. */
export function stepOf(secret: Buffer, code: string, now: Date): number | undefined {
  if (!codePattern.test(code)) return undefined;
  const otp = new TOTP({ ...parameters, secret: secretOf(secret) });
  const timestamp = now.getTime();
  const delta = otp.validate({ token: code, timestamp, window: drift });
  return delta === null ? undefined : otp.counter({ timestamp }) + delta;
}

function secretOf(secret: Buffer): Secret {
  return new Secret({ buffer: new Uint8Array(secret).buffer });
}
