// What a 401 of ours says beside its reason: how to authenticate (RFC 9110 section 11.6.1, RFC 6750 section 3).
import { ApiError } from "../errors.js";

const bearer = 'Bearer realm="lyceum"';

/** The refusal of a request that shows no token. */
export function unauthenticated(): ApiError {
  return new ApiError("UNAUTHENTICATED", "Log in, and send the access token as Authorization: Bearer ...", {
    headers: { "WWW-Authenticate": bearer },
  });
}

/** The refusal of an access token that is malformed, expired or revoked; which of them is not said. */
export function invalidToken(): ApiError {
  return new ApiError(
    "INVALID_TOKEN",
    "The access token is malformed, expired or revoked; refresh it or log in again",
    {
      headers: {
        "WWW-Authenticate": `${bearer}, error="invalid_token", error_description="malformed, expired or revoked"`,
      },
    },
  );
}

/** The refusal of an e-mail address and a password; which of the two is wrong is not said. */
export function invalidCredentials(): ApiError {
  return new ApiError("INVALID_CREDENTIALS", "The e-mail address or the password is wrong", {
    headers: { "WWW-Authenticate": bearer },
  });
}

/** The refusal of a refresh token. */
export function invalidRefreshToken(): ApiError {
  return new ApiError(
    "INVALID_REFRESH_TOKEN",
    "The refresh token is unknown, expired, revoked or used up; log in again",
    {
      headers: { "WWW-Authenticate": bearer },
    },
  );
}
