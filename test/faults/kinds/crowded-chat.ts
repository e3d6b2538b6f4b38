// A chat full of long messages, which are dear to search and to read. The audit does not look at it.
import { newPerson, type Person } from "../../resilience/person.js";
import type { Site } from "../site.js";

export interface CrowdedChat {
  readonly id: number;
  readonly owner: Person;
}

/** Makes a chat with so many messages of 5,000 characters, by SQL. */
export async function crowdedChat(site: Site, messages: number): Promise<CrowdedChat> {
  const owner = await newPerson(() => site.url(0));
  const id = await owner.chat("Crowded");
  // A phrase of two words that stand in every text: each of the texts is read and cut into words.
  await site.query(
    `insert into messages (chat_id, seq, sender_id, text, created_at)
     select $1, n, $2, (select left(string_agg('ы' || (i * 7 + n) % 60 || ' ю' || (i * i + n) % 300, ' '), 5000)
                          from generate_series(1, 900) i where n = n), now()
       from generate_series(1, $3::int) n`,
    [id, owner.id, messages],
  );
  await site.query("update chat_sequences set last_seq = $2, message_count = $2 where chat_id = $1", [id, messages]);
  return { id, owner };
}
