// The SQL of attachments: which file is of which message.
import type { File } from "../../gen/lyceum/v1/file.js";
import type { Message } from "../../gen/lyceum/v1/message.js";
import type { Queries } from "../../platform/database/database.js";
import { statement } from "../../platform/database/statement.js";
import { columns } from "./store.js";

/** The files of a message, in their order; at least one. */
export interface Attached {
  readonly messageId: number;
  readonly files: readonly File[];
}

const attachRows = statement<Message>(
  "pool",
  "attach-files",
  `with given as (
     select message_id, attachments::jsonb from unnest($1::bigint[], $2::text[]) as given (message_id, attachments)
   ), kept as (
     insert into message_attachments (file_id, message_id, chat_id, position)
     select (file.value ->> 'id')::bigint, m.id, m.chat_id, file.place - 1
       from given
       join messages m on m.id = given.message_id
      cross join jsonb_array_elements(given.attachments) with ordinality as file (value, place)
   )
   update messages m set attachments = given.attachments from given where m.id = given.message_id
   returning ${columns}`,
);

/** Attaches claimed files to messages that were sent in this transaction. Returns the messages with them. */
export async function attachFiles(queries: Queries, attached: readonly Attached[]): Promise<Message[]> {
  return queries.many(attachRows, [
    attached.map(({ messageId }) => messageId),
    attached.map(({ files }) => JSON.stringify(files)),
  ]);
}
