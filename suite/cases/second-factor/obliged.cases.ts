// Cases of people whose role needs a second factor, on a server whose operator has said so. $novice has none yet; the time of the person
// whose address and refresh token are $novice.late_email and $novice.late_refresh is over.
import { matches, type CaseFile } from "../../../runner/cases/case.js";

export const obliged: CaseFile = {
  subject: "a second factor that is due",
  actors: ["novice"],
  cases: {
    login: {
      "somebody who has days left can set it up, and nothing else": {
        server: "second-factor-due",
        steps: [
          {
            send: { email: "$novice.email", password: "$novice.password" },
            with: { access_token: matches(".") },
            capture: { access: "access_token", refresh: "refresh_token" },
          },
          { call: "getMe", token: "$access" },
          { call: "getTotp", token: "$access", with: { is_required: true, is_enabled: false } },
          { call: "listChats", token: "$access", answers: "MFA_REQUIRED", with: { code: "PERMISSION_DENIED" } },
          { call: "refresh", send: { refresh_token: "$refresh" }, capture: { access: "access_token" } },
          { call: "listUsers", token: "$access", answers: "MFA_REQUIRED" },
          { call: "logout", token: "$access", answers: 204 },
        ],
      },
      "is refused when the days are over": {
        server: "second-factor-due",
        send: { email: "$novice.late_email", password: "$novice.password" },
        answers: "MFA_REQUIRED",
      },
      "a wrong password does not tell that they are": {
        server: "second-factor-due",
        send: { email: "$novice.late_email", password: "wrong horse" },
        answers: "INVALID_CREDENTIALS",
      },
    },
    refresh: {
      "is refused when the days are over": {
        server: "second-factor-due",
        send: { refresh_token: "$novice.late_refresh" },
        answers: "MFA_REQUIRED",
      },
    },
  },
};
