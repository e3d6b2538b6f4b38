// Cases of the days of statistics: where they begin and end, in every time zone.
import { dayOf, size, type CaseFile, type Step } from "../../../runner/cases/case.js";
import { sendText, teaChat } from "../tea-chat.js";

// From the first to the last zone of the earth, at any moment there are two days; one of these zones is not on the day of UTC.
const zones = ["Pacific/Kiritimati", "etc/GMT+12", "Asia/Kathmandu"];

const count = (send: object, days: readonly object[]): Step => ({
  as: "alice",
  send: { chat_id: "$tea", ...send },
  with: { days, message_count: days.length, members: size(days.length) },
});

const refused = (send: object): Step => ({ as: "alice", send: { chat_id: "$tea", ...send }, answers: "INVALID_DATE" });

export const statsDays: CaseFile = {
  subject: "days of statistics",
  actors: ["alice", "bob"],
  given: [teaChat],
  cases: {
    getChatStats: {
      "a day has the messages of the whole day in the time zone, the last day too": {
        given: [{ ...sendText("alice", "one"), capture: { at: "created_at" } }],
        steps: zones.flatMap((time_zone) => {
          const day = (plus: number) => dayOf("$at", time_zone, plus);
          const one = [{ date: day(0), message_count: 1 }];
          return [
            count({ time_zone }, one),
            count({ time_zone, start_date: day(0), end_date: day(0) }, one),
            count({ time_zone, start_date: day(0) }, one),
            count({ time_zone, end_date: day(0) }, one),
            count({ time_zone, start_date: day(-1), end_date: day(1) }, one),
            count({ time_zone, end_date: day(-1) }, []),
            count({ time_zone, start_date: day(1) }, []),
            count({ time_zone, start_date: day(-7), end_date: day(-1) }, []),
            count({ time_zone, start_date: day(1), end_date: day(7) }, []),
          ];
        }),
      },
      "the first and the last message have the times of the messages": {
        given: [
          { ...sendText("alice", "one"), capture: { first: "created_at" } },
          sendText("bob", "two"),
          { ...sendText("bob", "three"), capture: { last: "created_at" } },
        ],
        as: "bob",
        send: { chat_id: "$tea" },
        with: { message_count: 3, first_message_at: "$first", last_message_at: "$last" },
      },
      "the first and the last day of the calendar are days": {
        given: [sendText("alice", "one")],
        steps: [
          {
            as: "alice",
            send: { chat_id: "$tea", start_date: "0001-01-01", end_date: "9999-12-31" },
            with: { message_count: 1 },
          },
          count({ end_date: "0001-01-01", time_zone: "Pacific/Kiritimati" }, []),
          count({ start_date: "9999-12-31", time_zone: "Etc/GMT+12" }, []),
          count({ start_date: "2024-02-29", end_date: "2024-02-29" }, []),
          count({ start_date: "2000-02-29", end_date: "2000-03-01" }, []),
          ...[
            "0000-12-31",
            "1900-02-29",
            "2025-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-01-32",
          ].flatMap((day) => [refused({ start_date: day }), refused({ end_date: day })]),
        ],
      },
      "a time zone is a name, and no offset": {
        steps: ["+03:00", "-12", "UTC+3", "EST", "Local", "Europe", " UTC"].map((time_zone) => refused({ time_zone })),
      },
    },
  },
};
