// The points of the demo school: given by the teacher, and once taken back.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { addPoints } from "./ledger.js";

const given: readonly (readonly [person: DemoPerson, amount: number, note: string])[] = [
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
  const { database, user } = as("teacher");
  for (const [person, amount, note] of given)
    await database.transaction((queries) =>
      addPoints(queries, { userId: as(person).user.id, amount, reason: "by_hand", note, byUserId: user.id }),
    );
};
