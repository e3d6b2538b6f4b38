// The errors of credentials: the 401 ones, each with its WWW-Authenticate challenge (RFC 9110 section 11.6.1, RFC 6750 section 3).
import { ApiError } from "../errors.js";

const bearer = 'Bearer realm="lyceum"';
const invalidTokenChallenge = {
  "WWW-Authenticate": `${bearer}, error="invalid_token", error_description="malformed, expired or revoked"`,
};

/** The error for a request without an access token. */
export function unauthenticated(): ApiError {
  return new ApiError("UNAUTHENTICATED", "Log in, and send the access token as Authorization: Bearer ...", {
    headers: { "WWW-Authenticate": bearer },
  });
}

/** The error for an access token that is malformed, expired or revoked. The client does not learn which. */
export function invalidToken(): ApiError {
  return new ApiError(
    "INVALID_TOKEN",
    "The access token is malformed, expired or revoked; refresh it or log in again",
    { headers: invalidTokenChallenge },
  );
}

/** The error for an API key that is malformed, unknown, expired or revoked, or of somebody who may not use it. It does not tell which. */
export function invalidKey(): ApiError {
  const why = "The API key is malformed, unknown, expired or revoked, or its owner may not use it now";
  return new ApiError("INVALID_TOKEN", why, { headers: invalidTokenChallenge });
}

/** The error for a request with an API key and another credential, of which one would be ignored. */
export function twoCredentials(): ApiError {
  const why = "The request has two credentials that differ: send one API key, or one access token";
  return new ApiError("INVALID_TOKEN", why, { headers: invalidTokenChallenge });
}

/**
 * The error for the cookie of a session that has ended. No token of the client's was refused, so the challenge names no error
 * (RFC 6750 section 3.1).
 */
export function endedSession(): ApiError {
  return new ApiError("INVALID_TOKEN", "The session of the cookie has ended; log in again", {
    headers: { "WWW-Authenticate": bearer },
  });
}

/** The error for a change that a page of another origin may have sent in the name of a browser's session. */
export function crossSiteRequest(): ApiError {
  return new ApiError(
    "CROSS_SITE_REQUEST",
    "By cookie, changes are for pages of this server alone: their Origin is PUBLIC_URL or one of CORS_ORIGINS, and Sec-Fetch-Site is not cross-site",
  );
}

/** The error for a wrong e-mail address or password. The client does not learn which. */
export function invalidCredentials(): ApiError {
  return new ApiError("INVALID_CREDENTIALS", "The e-mail address or the password is wrong", {
    headers: { "WWW-Authenticate": bearer },
  });
}

/** The error for the token of a link that works once. The client does not learn why it does not work. */
export function linkNotValid(): ApiError {
  return new ApiError("LINK_NOT_VALID", "The link is unknown, was used or is too old; ask for another one");
}

/** The error for a refresh token that is not valid. */
export function invalidRefreshToken(): ApiError {
  return new ApiError(
    "INVALID_REFRESH_TOKEN",
    "The refresh token is unknown, expired, revoked or used up; log in again",
    {
      headers: { "WWW-Authenticate": bearer },
    },
  );
}

/** The error for a wrong code of a second factor. */
export function invalidCode(): ApiError {
  return new ApiError("INVALID_CODE", "The code is wrong, too old, or was used before", {
    headers: { "WWW-Authenticate": bearer },
  });
}

const wrongPasskey = "The passkey is not registered, or its answer is wrong or too late; begin again";

/** The error for whatever is wrong with the credential of a passkey. The client does not learn what, unless it cannot even be read. */
export function invalidPasskey(detail = wrongPasskey): ApiError {
  return new ApiError("INVALID_PASSKEY", detail, { headers: { "WWW-Authenticate": bearer } });
}

/** The error for a login that does not wait for its second step, or no longer. */
export function invalidChallenge(): ApiError {
  return new ApiError("INVALID_MFA_CHALLENGE", "This login has expired or was completed; log in again", {
    headers: { "WWW-Authenticate": bearer },
  });
}
