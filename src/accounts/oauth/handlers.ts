// The token endpoint of OAuth 2.0: a login, or a refresh, under the names of RFC 6749.
import type { Handlers } from "../../call.js";
import { ApiError } from "../../errors.js";
import type { AuthService } from "../../gen/lyceum/v1/auth.js";
import type { IssueTokenRequest, TokenService } from "../../gen/lyceum/v1/token.js";

/** The handlers of TokenService, which do nothing that those of AuthService do not. */
export function tokenHandlers({
  login,
  refresh,
}: Pick<Handlers<AuthService>, "login" | "refresh">): Handlers<TokenService> {
  return {
    async issueToken(request, call) {
      if (request.grant_type === "refresh_token")
        return refresh({ refresh_token: needed(request, "refresh_token") }, call);
      const [email, password] = [needed(request, "username"), needed(request, "password")];
      const tokens = await login({ email, password, device_token: request.device_token }, call);
      if (tokens.mfa_challenge === undefined) return tokens;
      const detail = "The account has a second factor: complete the login with mfa_challenge and a code";
      throw new ApiError("MFA_REQUIRED", detail, { mfaChallenge: tokens.mfa_challenge });
    },
  };
}

/** The parameter that a grant needs. Throws INVALID_FIELDS when it is missing. */
function needed(request: IssueTokenRequest, field: "username" | "password" | "refresh_token"): string {
  const value = request[field];
  if (value) return value;
  const message = `is needed for the grant ${request.grant_type}`;
  throw new ApiError("INVALID_FIELDS", `${field} ${message}`, {
    violations: [{ field, pointer: `/${field}`, rule: "required", message }],
  });
}
