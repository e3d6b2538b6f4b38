// The SQL of uploaded files, as an import finds them.
import type { FilePurpose } from "../gen/lyceum/v1/file.js";
import type { Queries } from "../platform/database/database.js";
import { statement } from "../platform/database/statement.js";

/** An uploaded file, and what its owner meant it for. */
export interface UploadedFile {
  readonly file_id: number;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: Buffer;
  readonly purpose: FilePurpose;
  readonly is_claimed: boolean;
}

const findUploadedRow = statement<UploadedFile>(
  "read",
  "find-uploaded-file",
  `select f.id as file_id, f.name, f.media_type, c.size, c.sha256, f.purpose, f.claimed_at is not null as is_claimed
     from files f join file_contents c on c.file_id = f.id
    where f.id = $1 and f.owner_id = $2
    order by c.side desc limit 1`,
);

/** A file of its owner; undefined for another's. */
export async function findUploaded(queries: Queries, id: number, ownerId: number): Promise<UploadedFile | undefined> {
  return queries.one(findUploadedRow, [id, ownerId]);
}
