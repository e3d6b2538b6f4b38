// The medals of the demo school that the teacher awards. Those for points are awarded by themselves.
import type { DemoPerson, DemoStep } from "../accounts/demo.js";
import { medalHandlers } from "./handlers.js";

const awarded: readonly (readonly [person: DemoPerson, medalId: number, reason: string])[] = [
  ["alyona", 9, "Объяснила производную всему классу"],
  ["grace", 10, "Three years of the school newspaper, every issue on time"],
];

/** Awards the medals, as the teacher. */
export const demoMedals: DemoStep = async (as) => {
  const handlers = medalHandlers();
  for (const [person, medal_id, reason] of awarded)
    await handlers.awardMedal({ user_id: as(person).user.id, medal_id, reason }, as("teacher"));
};
