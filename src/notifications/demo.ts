// The notifications of the demo school, in Russian and in English.
import type { DemoStep } from "../accounts/demo.js";
import { announcementHandlers } from "./announcements/handlers.js";

/** Tells everybody something, and two students something else. */
export const demoNotifications: DemoStep = async (as) => {
  const { sendAnnouncement } = announcementHandlers();
  const nobody = { user_ids: [], group_ids: [], school_classes: [] };
  await sendAnnouncement(
    {
      ...nobody,
      type: "NOTIFICATION_TYPE_INFO",
      text: "В понедельник уроки начинаются в 9:00. On Monday lessons begin at 9.",
      is_for_all: true,
    },
    as("teacher"),
  );
  await sendAnnouncement(
    {
      ...nobody,
      type: "NOTIFICATION_TYPE_WARNING",
      text: "Please bring back the library books: they were due last week.",
      user_ids: [as("tom").user.id, as("grace").user.id],
    },
    as("teacher"),
  );
};
