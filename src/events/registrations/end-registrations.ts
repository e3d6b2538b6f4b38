// What ends with an account: its registrations, whose seats go to those who wait, and the link to its calendar.
import type { EndAccountStep } from "../../accounts/end-account.js";
import { deleteLink } from "../calendar/store.js";
import { deleteRegistrations, fillSeats, lockEventsOf } from "./store.js";

/** Takes the person out of all events, past ones too, and ends the link to their calendar. The events that they made stay. */
export const endRegistrations: EndAccountStep = async (queries, { id }) => {
  const eventIds = await lockEventsOf(queries, id);
  if (eventIds.length > 0) {
    await deleteRegistrations(queries, eventIds, id);
    await fillSeats(queries, eventIds);
  }
  await deleteLink(queries, id);
};
