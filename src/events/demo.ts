// The events of the demo school, in Russian and in English: two that are to come, and one that was cancelled.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import type { CreateEventRequest } from "../gen/lyceum/v1/event.js";
import { eventHandlers } from "./handlers.js";

type DemoEvent = Pick<CreateEventRequest, "title" | "text" | "place" | "seats"> & {
  /** From today on, in days. */
  readonly day: number;
  /** In UTC. */
  readonly hour: number;
  readonly hours: number;
  readonly come: readonly DemoPerson[];
  readonly cancelled?: string;
};

const events: readonly DemoEvent[] = [
  {
    title: "Олимпиада по математике, школьный тур",
    text: "Пять задач на четыре часа. Возьмите ручку, линейку и воду; калькуляторы остаются дома.",
    place: "Актовый зал",
    day: 9,
    hour: 7,
    hours: 4,
    seats: 2,
    // One more than there are seats.
    come: ["petr", "alyona", "grace"],
  },
  {
    title: "Robotics evening",
    text: "The robotics club shows what has learned to walk this year. Bring your own robots, and your questions.",
    place: "Room 12",
    day: 16,
    hour: 15,
    hours: 2,
    seats: undefined,
    come: ["tom", "grace", "petr"],
  },
  {
    title: "Экскурсия в планетарий",
    text: "Встречаемся у школы за час до начала.",
    place: "Планетарий, Садовая-Кудринская, 5",
    day: 5,
    hour: 11,
    hours: 3,
    seats: 25,
    come: ["alyona", "tom"],
    cancelled: "Планетарий закрыт на ремонт. Новую дату объявим.",
  },
];

/** Makes each event as the teacher, and registers who comes. */
export const demoEvents: DemoStep = async (as) => {
  const handlers = eventHandlers({ appName: "", publicUrl: "" });
  const teacher = as("teacher");
  for (const { day, hour, hours, come, cancelled, ...event } of events) {
    const starts = new Date(teacher.now);
    starts.setUTCDate(starts.getUTCDate() + day);
    starts.setUTCHours(hour, 0, 0, 0);
    const { id: event_id } = await handlers.createEvent(
      {
        ...event,
        starts_at: starts.toISOString(),
        ends_at: new Date(starts.getTime() + hours * 3_600_000).toISOString(),
        time_zone: "Europe/Moscow",
        audience: { is_for_all: true, group_ids: [] },
      },
      teacher,
    );
    for (const person of come) await handlers.registerForEvent({ event_id }, as(person));
    if (cancelled !== undefined) await handlers.cancelEvent({ event_id, reason: cancelled }, teacher);
  }
};
