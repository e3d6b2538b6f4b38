// Reads the JSON that a device sends, in the form that the WebAuthn standard gives it (RegistrationResponseJSON and
// AuthenticationResponseJSON). Nothing in it is verified here.
import type { ApiError } from "../../errors.js";
import { invalidPasskey } from "../challenge.js";

/** What both have. All texts but the challenge are base64url, and are not empty. */
interface PresentedCredential {
  readonly id: string;
  readonly clientDataJSON: string;
  /** The challenge that the client data names. */
  readonly challenge: string;
  /** Whether a page in a frame of another site has asked. */
  readonly isCrossOrigin: boolean;
}

/** A passkey that a device says it has made. */
export interface PresentedRegistration extends PresentedCredential {
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** What a device says to log somebody in. */
export interface PresentedLogin extends PresentedCredential {
  readonly authenticatorData: string;
  readonly signature: string;
  /** Whom the device takes for the owner. */
  readonly userHandle: string;
}

type Members = Readonly<Record<string, unknown>>;

const base64url = /^[A-Za-z0-9_-]+$/;
/** The longest id of a credential that the standard allows, in base64url. */
const longestId = Math.ceil((1023 * 4) / 3);

/** Reads a registration. Throws INVALID_PASSKEY when it is none. */
export function readRegistration(text: string): PresentedRegistration {
  const { response, ...common } = readCredential(text);
  const { transports } = response;
  return {
    ...common,
    attestationObject: bytesOf(response, "attestationObject"),
    transports: Array.isArray(transports) ? transports.filter(isTransport).slice(0, 10) : [],
  };
}

/** Reads a login. Throws INVALID_PASSKEY when it is none. */
export function readLogin(text: string): PresentedLogin {
  const { response, ...common } = readCredential(text);
  return {
    ...common,
    authenticatorData: bytesOf(response, "authenticatorData"),
    signature: bytesOf(response, "signature"),
    userHandle: bytesOf(response, "userHandle"),
  };
}

function readCredential(text: string): PresentedCredential & { readonly response: Members } {
  const credential = membersOf(parse(text));
  const { type, rawId } = credential;
  const id = bytesOf(credential, "id");
  if (type !== "public-key" || id !== rawId || id.length > longestId) throw malformed();
  const response = membersOf(credential["response"]);
  const clientDataJSON = bytesOf(response, "clientDataJSON");
  const { challenge, crossOrigin } = membersOf(parse(Buffer.from(clientDataJSON, "base64url").toString()));
  if (typeof challenge !== "string") throw malformed();
  return { id, clientDataJSON, challenge, isCrossOrigin: (crossOrigin ?? false) !== false, response };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function membersOf(value: unknown): Members {
  if (typeof value !== "object" || value === null) throw malformed();
  return value as Members;
}

function bytesOf(members: Members, name: string): string {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (typeof value !== "string" || !base64url.test(value)) throw malformed();
  return value;
}

function isTransport(value: unknown): value is string {
  return typeof value === "string" && /^[a-z][a-z-]{0,31}$/.test(value);
}

function malformed(): ApiError {
  return invalidPasskey("credential_json is not the JSON of a WebAuthn credential of this kind");
}
