// Notifications of achievements: that one was accepted or rejected, for the person who handed it in.
import type { Queries } from "../../platform/database/database.js";
import type { StoredUpdate } from "../../platform/updates/consumer.js";
import { dueStatement, insertDue } from "../insertion-store.js";

/** The kinds of updates that are taken. */
export const kindsOfAchievements: readonly string[] = ["achievement.accepted", "achievement.rejected"];

// Both topics of an act, the staff's and the person's, lead to one notification.
const ofAchievements = dueStatement(
  "notify-of-achievements",
  `select a.user_id,
          case g.kind when 'achievement.accepted' then 'NOTIFICATION_TYPE_ACHIEVEMENT_ACCEPTED'
                      else 'NOTIFICATION_TYPE_ACHIEVEMENT_REJECTED' end as type,
          case g.kind
            when 'achievement.accepted' then jsonb_build_object('achievement_accepted',
              jsonb_build_object('name', a.title, 'points', a.points, 'achievement_id', a.id))
            else jsonb_build_object('achievement_rejected',
              jsonb_build_object('name', a.title, 'reason', a.reason, 'achievement_id', a.id)) end as payload,
          g.actor_id, g.kind || ':' || a.id as cause, 0 as rank
     from given g join achievements a on a.id = g.subject_id`,
);

/** Notifies those whose achievements were accepted or rejected. */
export async function notifyOfAchievements(queries: Queries, updates: readonly StoredUpdate[]): Promise<void> {
  await insertDue(queries, ofAchievements, updates);
}
