// The server as the party that devices make passkeys for (WebAuthn): the options that it gives them, and the verification of what they
// send. It is the host of PUBLIC_URL, and hears pages of this origin alone.
import type { Logger } from "pino";
import type { PresentedLogin, PresentedRegistration } from "./credential-json.js";

/** The owner of a passkey that is to be made, as the device shows them, and the passkeys that they have. */
export interface Owner {
  readonly handle: Buffer;
  readonly name: string;
  readonly displayName: string;
  readonly passkeys: readonly { readonly credential_id: Buffer; readonly transports: readonly string[] }[];
}

/** A passkey as a device has made it. */
export interface VerifiedPasskey {
  readonly credential_id: Buffer;
  readonly public_key: Buffer;
  readonly sign_count: number;
  readonly is_backed_up: boolean;
}

/** A login as a device has signed it. */
export interface VerifiedLogin {
  readonly signCount: number;
  readonly isBackedUp: boolean;
}

export interface RelyingParty {
  /** The origin of the pages that it hears. */
  readonly origin: string;
  /** The options for making a passkey that is found without a name, and that asks its user for a finger, a face or a PIN. */
  creationOptions(challenge: Buffer, owner: Owner, seconds: number): Promise<object>;
  /** The options for a login with any passkey. */
  requestOptions(challenge: Buffer, seconds: number): Promise<object>;
  /** The passkey of a registration whose challenge was found; undefined, and a line in the log, when something else is wrong with it. */
  verifyRegistration(presented: PresentedRegistration, log: Logger): Promise<VerifiedPasskey | undefined>;
  /** The same for a login with a passkey. Whether its counter has gone on is not looked at. */
  verifyLogin(presented: PresentedLogin, publicKey: Buffer, log: Logger): Promise<VerifiedLogin | undefined>;
}

/** Ed25519, P-256 and RSA, each with SHA-256 where it needs a hash (COSE: EdDSA, ES256, RS256). */
const algorithms = [-8, -7, -257];

/** The party of a server. `publicUrl` is an origin. */
export function createRelyingParty({
  publicUrl: origin,
  appName,
}: {
  publicUrl: string;
  appName: string;
}): RelyingParty {
  const rpID = new URL(origin).hostname;
  const expected = { expectedOrigin: origin, expectedRPID: rpID, requireUserVerification: true };

  return {
    origin,

    async creationOptions(challenge, { handle, name, displayName, passkeys }, seconds) {
      const { generateRegistrationOptions } = await webauthn();
      return generateRegistrationOptions({
        rpName: appName,
        rpID,
        userID: new Uint8Array(handle),
        userName: name,
        userDisplayName: displayName,
        challenge: new Uint8Array(challenge),
        timeout: seconds * 1000,
        attestationType: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        supportedAlgorithmIDs: algorithms,
        excludeCredentials: passkeys.map(({ credential_id, transports }) => ({
          id: credential_id.toString("base64url"),
          transports: [...transports],
        })),
      });
    },

    async requestOptions(challenge, seconds) {
      const { generateAuthenticationOptions } = await webauthn();
      return generateAuthenticationOptions({
        rpID,
        challenge: new Uint8Array(challenge),
        timeout: seconds * 1000,
        userVerification: "required",
        allowCredentials: [],
      });
    },

    verifyRegistration(presented, log) {
      return unlessRefused(log, async () => {
        const { id, clientDataJSON, attestationObject, challenge, isCrossOrigin } = presented;
        if (isCrossOrigin) throw new Error("The page is in a frame of another site");
        const { verifyRegistrationResponse } = await webauthn();
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          ...expected,
          response: {
            ...envelope(id),
            response: { clientDataJSON, attestationObject: await withoutAttestation(attestationObject) },
          },
          expectedChallenge: challenge,
          supportedAlgorithmIDs: algorithms,
        });
        if (!verified) throw new Error("The registration is not verified");
        const { credential, credentialBackedUp } = registrationInfo;
        if (credential.id !== id) throw new Error("The key is of another credential");
        return {
          credential_id: Buffer.from(credential.id, "base64url"),
          public_key: Buffer.from(credential.publicKey),
          sign_count: credential.counter,
          is_backed_up: credentialBackedUp,
        };
      });
    },

    verifyLogin(presented, publicKey, log) {
      return unlessRefused(log, async () => {
        const { id, clientDataJSON, authenticatorData, signature, userHandle, challenge, isCrossOrigin } = presented;
        if (isCrossOrigin) throw new Error("The page is in a frame of another site");
        const { verifyAuthenticationResponse } = await webauthn();
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          ...expected,
          response: { ...envelope(id), response: { clientDataJSON, authenticatorData, signature, userHandle } },
          expectedChallenge: challenge,
          // With 0 it takes any counter: the store compares it, where of two logins at once one wins.
          credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
        });
        if (!verified) throw new Error("The signature is not that of the key");
        return { signCount: authenticationInfo.newCounter, isBackedUp: authenticationInfo.credentialBackedUp };
      });
    },
  };
}

/** Loaded when it is first needed: it takes a seventh of a second and 24 MiB. */
const webauthn = () => import("@simplewebauthn/server");

/**
 * An attestation object without its statement, which nobody looks at: whoever made the device is trusted or not by its owner. A
 * statement could name addresses, which a verifier would call.
 */
async function withoutAttestation(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await import("@simplewebauthn/server/helpers");
  const decoded = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, "base64url")));
  const bare = new Map<string, Parameters<typeof isoCBOR.encode>[0]>([
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", decoded.get("authData")],
  ]);
  return Buffer.from(isoCBOR.encode(bare)).toString("base64url");
}

function envelope(id: string) {
  return { id, rawId: id, type: "public-key", clientExtensionResults: {} } as const;
}

/** The result of a verification; undefined when it throws, as the library does for all that is wrong. */
async function unlessRefused<Result>(log: Logger, verify: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await verify();
  } catch (error) {
    log.info({ why: (error as Error).message.slice(0, 300) }, "A passkey was refused");
    return undefined;
  }
}
