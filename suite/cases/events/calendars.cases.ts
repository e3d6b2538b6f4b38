// Cases of the calendar of a person, behind a secret link.
import { absent, matches, timestamp, type CaseFile, type Given, type Step } from "../../../runner/cases/case.js";
import { password } from "../../people.js";

/** A person of the case alone, with the token $access: a person has one link. */
const email = "calendar.${case}@example.org";
const person: readonly Given[] = [
  {
    call: "register",
    send: { email, password, first_name: "Ann", last_name: "Calendar" },
    answers: 201,
    capture: { person: "id" },
  },
  { call: "login", send: { email, password }, capture: { access: "access_token" } },
];
const own: Pick<Step, "token"> = { token: "$access" };
const renew: Step = { call: "renewCalendarLink", ...own, capture: { link: "segment(url)" } };
const read = (more: Partial<Step> = {}): Step => ({ call: "getCalendar", send: { token: "$link" }, ...more });
const gone = read({ answers: "CALENDAR_LINK_NOT_FOUND" });

export const calendars: CaseFile = {
  subject: "calendars",
  actors: ["teacher"],
  cases: {
    renewCalendarLink: {
      "makes a link, and the one before works no longer": {
        given: [...person],
        noisy: true,
        steps: [
          {
            ...own,
            exactly: { url: matches("^https?://[^/]+/v1/calendars/[\\w-]{43}\\.ics$"), created_at: timestamp },
            capture: { link: "segment(url)" },
          },
          read(),
          { ...own, capture: { other: "segment(url)" } },
          gone,
          read({ send: { token: "$other" } }),
        ],
      },
      "twenty at once leave one link": {
        given: [...person],
        steps: [{ ...own, times: 20, answers: { "200": 20 }, distinct: ["url"] }],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getCalendarLink: {
      "says when it was made, and shows it no more": {
        given: [...person, renew],
        ...own,
        exactly: { url: absent, created_at: timestamp },
      },
      "there is none": { given: [...person], ...own, exactly: {} },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    revokeCalendarLink: {
      "ends the link, if there is one": {
        given: [...person, renew],
        steps: [{ ...own, answers: 204 }, gone, { ...own, answers: 204 }],
      },
      "needs a login": { answers: "UNAUTHENTICATED" },
    },
    getCalendar: {
      "is a calendar in UTF-8, and what is known is not sent again": {
        given: [...person, renew],
        noisy: true,
        steps: [
          read({
            with: { content_type: "text/calendar" },
            answerHeaders: { "content-type": "text/calendar; charset=utf-8" },
            capture: { tag: "@etag" },
          }),
        ],
      },
      "no calendar is behind another token": { send: { token: "nonsense" }, answers: "CALENDAR_LINK_NOT_FOUND" },
      "it ends with the account": {
        given: [...person, renew],
        steps: [{ call: "deleteMe", ...own, send: { password }, answers: 204 }, gone],
      },
      "not while the person is suspended": {
        given: [...person, renew],
        noisy: true,
        steps: [
          { call: "suspendUser", as: "teacher", send: { user_id: "$person" } },
          gone,
          { call: "restoreUser", as: "teacher", send: { user_id: "$person" } },
          read(),
        ],
      },
    },
  },
};
