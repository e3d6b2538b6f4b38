// A device with passkeys (WebAuthn), as a program: it makes a P-256 key for each registration, and signs with it at a login. It attests
// nothing, and has always verified its user.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What an authenticator says, before it is signed. Tests change it to what no device would say. */
export interface Saying {
  readonly origin: string;
  readonly rpId: string;
  readonly challenge: string;
  readonly type: string;
  /** Of the authenticator data: 1 the user was present, 4 and was verified, 8 and 16 the key is backed up, 64 a key follows. */
  readonly flags: number;
  readonly signCount: number;
  /** Further members of the client data. */
  readonly more: Readonly<Record<string, unknown>>;
  /** The handle of the user, in base64url. */
  readonly userHandle: string;
}

interface Passkey {
  readonly id: Buffer;
  readonly key: KeyObject;
  readonly rpId: string;
  readonly userHandle: string;
  signCount: number;
}

/** The members of the options that it reads. */
interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id: string };
  readonly user?: { readonly id: string };
}

/** A private key, and its public half as COSE has it. */
export interface NewKey {
  readonly key: KeyObject;
  readonly coseKey: ReadonlyMap<number, number | Buffer>;
}

export class Authenticator {
  /** Of the ids that it chooses, in bytes. */
  protected readonly idLength: number = 32;
  readonly #passkeys: Passkey[] = [];

  /** Makes a key: one for ES256, on P-256 (RFC 9053). */
  protected newKey(): NewKey {
    const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" }) as { x: string; y: string };
    const coseKey = new Map<number, number | Buffer>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, "base64url")],
      [-3, Buffer.from(y, "base64url")],
    ]);
    return { key, coseKey };
  }

  /** Makes a passkey: from the JSON of creation options the JSON of a registration. */
  create(optionsJson: string, origin: string, changes: Partial<Saying> = {}): string {
    const { challenge, rp, user } = JSON.parse(optionsJson) as Options;
    const { key, coseKey } = this.newKey();
    const rpId = rp!.id;
    const passkey: Passkey = { id: randomBytes(this.idLength), key, rpId, userHandle: user!.id, signCount: 0 };
    this.#passkeys.push(passkey);
    const said: Saying = {
      origin,
      rpId,
      challenge,
      type: "webauthn.create",
      flags: 0x45,
      signCount: 0,
      more: {},
      userHandle: passkey.userHandle,
      ...changes,
    };
    const length = Buffer.from([passkey.id.length >> 8, passkey.id.length & 0xff]);
    const attested = Buffer.concat([Buffer.alloc(16), length, passkey.id, cbor(coseKey)]);
    const attestation = new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", Buffer.concat([dataOf(said), attested])],
    ]);
    return credential(passkey, {
      clientDataJSON: clientData(said),
      attestationObject: cbor(attestation).toString("base64url"),
      transports: ["internal"],
    });
  }

  /** Logs in with the newest passkey for a server: from the JSON of request options the JSON of an authentication. */
  get(optionsJson: string, origin: string, changes: Partial<Saying> = {}): string {
    const { challenge, rpId = "" } = JSON.parse(optionsJson) as Options;
    const passkey = this.#passkeys.findLast((held) => held.rpId === rpId);
    if (!passkey) throw new Error(`The authenticator has no passkey for ${rpId}`);
    const said: Saying = {
      origin,
      rpId,
      challenge,
      type: "webauthn.get",
      flags: 0x05,
      signCount: ++passkey.signCount,
      more: {},
      userHandle: passkey.userHandle,
      ...changes,
    };
    const clientDataJSON = clientData(said);
    const data = dataOf(said);
    const clientHash = createHash("sha256").update(Buffer.from(clientDataJSON, "base64url")).digest();
    return credential(passkey, {
      clientDataJSON,
      authenticatorData: data.toString("base64url"),
      signature: sign(
        passkey.key.asymmetricKeyType === "ed25519" ? null : "sha256",
        Buffer.concat([data, clientHash]),
        passkey.key,
      ).toString("base64url"),
      userHandle: said.userHandle,
    });
  }
}

function credential({ id }: Passkey, response: object): string {
  const name = id.toString("base64url");
  return JSON.stringify({ id: name, rawId: name, type: "public-key", clientExtensionResults: {}, response });
}

function clientData({ type, challenge, origin, more }: Saying): string {
  const text = JSON.stringify({ type, challenge, origin, crossOrigin: false, ...more });
  return Buffer.from(text).toString("base64url");
}

/** The authenticator data, without a key. */
function dataOf({ rpId, flags, signCount }: Saying): Buffer {
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags);
  rest.writeUInt32BE(signCount, 1);
  return Buffer.concat([createHash("sha256").update(rpId).digest(), rest]);
}

/** A value in CBOR (RFC 8949): whole numbers, texts, bytes and maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flatMap((pair) => pair.map(cbor))]);
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  return Buffer.from([(major << 5) | 25, count >> 8, count & 0xff]);
}
