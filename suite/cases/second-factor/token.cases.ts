// Cases of the token endpoint of OAuth 2.0 where the account has a second factor.
import { matches, type CaseFile } from "../../../runner/cases/case.js";
import { password } from "../../people.js";
import { email } from "../auth/new-user.js";
import { enrolled } from "./enrolment.js";

const byPassword = { grant_type: "password", username: email, password };

export const tokensInTwoSteps: CaseFile = {
  subject: "second factor",
  actors: [],
  cases: {
    issueToken: {
      "a login whose second step is due has a challenge, which a code completes": {
        given: enrolled,
        steps: [
          {
            send: byPassword,
            answers: "MFA_REQUIRED",
            with: {
              error: "mfa_required",
              error_description: matches("second factor"),
              mfa_challenge: matches("^[\\w-]{43}$"),
            },
            capture: { challenge: "mfa_challenge" },
          },
          {
            call: "completeLogin",
            send: { mfa_challenge: "$challenge", code: "$next" },
            capture: { access: "access_token" },
          },
          { call: "getMe", token: "$access", with: { email } },
        ],
      },
    },
  },
};
