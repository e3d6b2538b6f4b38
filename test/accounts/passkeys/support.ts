// People with passkeys, for tests without HTTP.
import { generateKeyPairSync } from "node:crypto";
import { Authenticator, type NewKey, type Saying } from "../../../runner/cases/computed/authenticator.js";
import type { PasskeyOptions, RegisteredPasskey } from "../../../src/gen/lyceum/v1/passkey.js";
import type { Role } from "../../../src/gen/lyceum/v1/user.js";
import type { Account, School } from "../../support/call-as.js";

export interface Holder extends Account {
  readonly device: Authenticator;
  readonly passkey: RegisteredPasskey;
}

/** The credential of a new passkey of an account, which is not registered yet. */
export async function madeBy(
  school: School,
  { password, call }: Account,
  device: Authenticator,
  changes?: Partial<Saying>,
): Promise<string> {
  const { options_json, origin } = await school.passkeys.beginPasskey({ password }, call);
  return device.create(options_json, origin, changes);
}

/** A new account with a passkey. */
export async function holder(school: School, role?: Role): Promise<Holder> {
  const account = await school.account(role);
  const device = new Authenticator();
  const credential_json = await madeBy(school, account, device);
  const passkey = await school.passkeys.registerPasskey({ credential_json, name: "Phone" }, account.call);
  return { ...account, device, passkey };
}

/** The options of a login that is begun now. */
export function loginOptions(school: School): Promise<PasskeyOptions> {
  return school.passkeys.beginPasskeyLogin({}, school.as());
}

/** The credential of a login with the newest passkey of a device. */
export async function signedBy(school: School, device: Authenticator, changes?: Partial<Saying>): Promise<string> {
  const { options_json, origin } = await loginOptions(school);
  return device.get(options_json, origin, changes);
}

/** A credential with some members of its response, or of itself, replaced. */
export function altered(credential: string, response: object, more: object = {}): string {
  const parsed = JSON.parse(credential) as { response: object };
  return JSON.stringify({ ...parsed, ...more, response: { ...parsed.response, ...response } });
}

/** A base64url text with one bit of its last byte flipped. */
export function flipped(text: string, at = -1): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString("base64url");
}

type Jwk = Readonly<Record<string, string>>;
const bytes = (text = ""): Buffer => Buffer.from(text, "base64url");

/** A device that makes keys of another kind. */
export class OtherDevice extends Authenticator {
  protected override readonly idLength: number;

  constructor(
    private readonly kind: "EdDSA" | "RS256" | "ES384" | "ES256",
    idLength = 32,
  ) {
    super();
    this.idLength = idLength;
  }

  protected override newKey(): NewKey {
    if (this.kind === "ES256") return super.newKey();
    const { privateKey: key, publicKey } =
      this.kind === "EdDSA"
        ? generateKeyPairSync("ed25519")
        : this.kind === "RS256"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ec", { namedCurve: "P-384" });
    const { x, y, n, e } = publicKey.export({ format: "jwk" }) as Jwk;
    const members: Record<string, [number, number | Buffer][]> = {
      EdDSA: [
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(x)],
      ],
      RS256: [
        [1, 3],
        [3, -257],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ],
      ES384: [
        [1, 2],
        [3, -35],
        [-1, 2],
        [-2, bytes(x)],
        [-3, bytes(y)],
      ],
    };
    return { key, coseKey: new Map(members[this.kind]) };
  }
}
