// The points of the demo school: given by the teacher, and once taken back.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { pointHandlers } from "./handlers.js";

const given: readonly (readonly [person: DemoPerson, points: number, note: string])[] = [
  ["petr", 90, "Доклад о графах"],
  ["petr", 250, "Второе место на школьной олимпиаде по информатике"],
  ["alyona", 400, "Победа в конкурсе по анализу данных"],
  ["alyona", 25, "Помощь на дне открытых дверей"],
  ["alyona", -10, "Дважды записано: помощь на дне открытых дверей"],
  ["tom", 340, "The robot that found its way out"],
  ["grace", 520, "A year of the school newspaper"],
];

/** Gives the points, as the teacher. */
export const demoPoints: DemoStep = async (as) => {
  const handlers = pointHandlers();
  for (const [person, points, note] of given) {
    const request = { user_id: as(person).user.id, amount: Math.abs(points), take_back: points < 0, note };
    await handlers.addPoints(request, as("teacher"));
  }
};
