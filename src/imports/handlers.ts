// Imports and exports of people: beginning, watching and ending an import, and the files that are made of it.
import { lockCaller } from "../accounts/above.js";
import type { Call, Handlers } from "../call.js";
import { StreamedBody } from "../contract/streams/streamed-body.js";
import { ApiError } from "../errors.js";
import type { ImportMode, ImportService, UserImport } from "../gen/lyceum/v1/import.js";
import { recordAudit } from "../platform/audit/audit.js";
import type { BlobStore } from "../platform/blobs/blob-store.js";
import { pageOf, readPage } from "../platform/page.js";
import { encryptText, type FileField, readFile, rowsOf, textOfFile } from "./file.js";
import { addNextJob } from "./jobs.js";
import { exportPeople, type InviteSender, renewedInvites } from "./people-files.js";
import * as store from "./store.js";
import { readUploaded } from "./uploaded-file.js";

export interface ImportDeps extends InviteSender {
  /** The key of the files. */
  readonly importKey: Uint8Array;
  readonly blobs: BlobStore;
}

/** What a caller asks of an import, beside its file. */
interface Wanted {
  readonly dry_run: boolean;
  readonly mode: ImportMode;
}

/** The most imports of a person that wait or are worked on. */
const mostOpen = 100;

/** The handlers of ImportService. */
export function importHandlers(deps: ImportDeps): Handlers<ImportService> {
  async function requireImport({ database, user }: Call, id: number): Promise<UserImport> {
    const found = await store.findImport(database, user, id);
    if (!found) throw new ApiError("IMPORT_NOT_FOUND", `Import with id=${id} not found`);
    return found;
  }

  async function begin(
    bytes: Uint8Array,
    field: FileField,
    { dry_run, mode }: Wanted,
    call: Call,
  ): Promise<UserImport> {
    // Read to its end, so that a file that is none is refused at once. Its rows are checked by the import.
    const text = textOfFile(bytes, field);
    const rows_total = rowsOf(await readFile(text, field));
    const draft = { dry_run, mode, rows_total, csv: encryptText(deps.importKey, text) };
    return call.database.transaction(async (queries) => {
      await lockCaller(queries, call.user);
      const made = await store.insertImport(queries, call, draft, mostOpen);
      if (!made)
        throw new ApiError(
          "RATE_LIMITED",
          `${mostOpen} of your imports have not ended: wait for them, or cancel them`,
          {
            retryAfterSeconds: 30,
          },
        );
      await recordAudit(queries, call, { action: "users.import", target: ["import", made.id] });
      await addNextJob(queries, call.user.id);
      return made;
    });
  }

  return {
    async importUsers({ file, ...wanted }, call) {
      return begin(file!.data, "file", wanted, call);
    },

    async createImport({ file_id, ...wanted }, call) {
      return begin(await readUploaded(deps.blobs, file_id, call), "file_id", wanted, call);
    },

    async listImports(request, { database, user }) {
      const page = readPage(request, { scope: ["imports"], key: [0], isOldestFirst: false });
      const found = await store.listImports(database, user, page);
      const { rows: imports, next_page_token } = pageOf(found, page, ({ id }) => [id]);
      return { imports, next_page_token };
    },

    async getImport({ import_id }, call) {
      return requireImport(call, import_id);
    },

    async listImportErrors(request, call) {
      const { import_id } = request;
      await requireImport(call, import_id);
      const page = readPage(request, { scope: ["import errors", import_id], key: [0, 0] });
      const found = await store.listErrors(call.database, import_id, page);
      const { rows: errors, next_page_token } = pageOf(found, page, ({ line, id }) => [line, id]);
      return { errors, next_page_token };
    },

    async cancelImport({ import_id }, call) {
      await call.database.transaction(async (queries) => {
        const ownerId = await store.cancelImport(queries, call.user, import_id);
        if (ownerId !== undefined) {
          await recordAudit(queries, call, { action: "users.cancel_import", target: ["import", import_id] });
          return addNextJob(queries, ownerId);
        }
        await requireImport(call, import_id);
        throw new ApiError("IMPORT_ENDED", `Import with id=${import_id} has ended`);
      });
      return requireImport(call, import_id);
    },

    async renewImportInvites({ import_id }, call) {
      await requireImport(call, import_id);
      return fileOf(call, "invites", renewedInvites(deps, call, import_id));
    },

    async exportUsers(filter, call) {
      return fileOf(call, "users", exportPeople(call, filter));
    },
  };
}

/** A CSV file that is made while it is sent. */
function fileOf({ headers, now }: Call, name: string, lines: AsyncIterable<string>): StreamedBody {
  headers.add("Content-Disposition", `attachment; filename="${name}-${now.toISOString().slice(0, 10)}.csv"`);
  return new StreamedBody("text/csv", lines);
}
