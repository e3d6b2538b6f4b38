// Lists of notifications, announcements and banners, with more rows than one page shows.
import type { Step } from "../runner/cases/case.js";
import type { ListOfRows } from "../runner/suite.js";
import { password } from "./people.js";

const email = "reader.${case}@example.org";
/** Warns $reader: other checks tell everybody something else. */
const warn: Step = {
  call: "sendAnnouncement",
  as: "teacher",
  send: { type: "NOTIFICATION_TYPE_WARNING", text: "Row", user_ids: ["$reader"] },
  answers: 201,
};
const types = ["NOTIFICATION_TYPE_WARNING"];

export const notifications: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [
    {
      call: "register",
      send: { email, password, first_name: "Reader", last_name: "Row" },
      answers: 201,
      capture: { reader: "id" },
    },
    { call: "login", send: { email, password }, capture: { access: "access_token" } },
    { ...warn, turns: 13 },
    // At once, so that some have one time.
    { ...warn, times: 9 },
  ],
  as: "alice",
  token: "$access",
  requests: [{ types }, { types, unread: true }, { types: [...types, "NOTIFICATION_TYPE_MENTION"], unread: false }],
  more: [warn, warn, warn],
};

export const announcements: ListOfRows = {
  actors: ["alice", "teacher"],
  given: [{ ...warn, send: { ...warn.send, user_ids: ["$alice"] }, turns: 22 }],
  as: "teacher",
  requests: [{}],
  more: [{ ...warn, send: { ...warn.send, user_ids: ["$alice"] } }],
};

const banner = (text: string): Step => ({ call: "createBanner", as: "teacher", send: { text }, answers: 201 });
const rows: Pick<ListOfRows, "actors" | "given" | "more"> = {
  actors: ["alice", "teacher"],
  given: [{ ...banner("Row ${turn}"), turns: 22 }],
  more: ["one", "two", "three"].map(banner),
};

export const banners: ListOfRows = { ...rows, as: "teacher", requests: [{}] };
export const activeBanners: ListOfRows = { ...rows, as: "alice", requests: [{}] };
