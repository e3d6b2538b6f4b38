// Files as an upload leaves them, without an upload and without bytes in the store.
import { createHash } from "node:crypto";
import type { FilePurpose } from "../../../src/gen/lyceum/v1/file.js";
import type { School } from "../../support/call-as.js";

/** Makes a file of a person that nothing uses; returns its id. Files of one name have one content. */
export async function uploaded(
  { sql }: Pick<School, "sql">,
  ownerId: number,
  name = "картинка.png",
  purpose: FilePurpose = "FILE_PURPOSE_ATTACHMENT",
): Promise<number> {
  const sha256 = createHash("sha256").update(name).digest();
  const [file] = await sql<{ id: number }>(
    `with content as (insert into blobs (sha256) values ($1) on conflict do nothing), file as (
       insert into files (owner_id, purpose, name, media_type) values ($2, $3, $4, 'image/png') returning id
     )
     insert into file_contents (file_id, side, sha256, size) select id, 0, $1, 70 from file returning file_id as id`,
    [sha256, ownerId, purpose, name],
  );
  return file!.id;
}
