// The file handlers. No connection of the database is held while the bytes of a file come or go.
import type { Handlers } from "../call.js";
import { ApiError } from "../errors.js";
import type { FileService } from "../gen/lyceum/v1/file.js";
import { releaseFiles } from "./claims.js";
import { contentOf } from "./contents.js";
import { readToken, writeToken } from "./links.js";
import { receiveFile, type ReceiveDeps } from "./receive.js";
import * as store from "./store.js";

export interface FilesDeps extends ReceiveDeps {
  /** The key of the codes in links. */
  readonly linkKey: Uint8Array;
  /** The address of the server, without a path. */
  readonly publicUrl: string;
}

const defaultSeconds = 3600;

export function fileHandlers(deps: FilesDeps): Handlers<FileService> {
  const { blobs, linkKey, publicUrl } = deps;
  return {
    async createFile({ purpose }, call) {
      return receiveFile(deps, purpose, call);
    },

    async getFile({ file_id }, { user, database }) {
      const file = await store.findFile(database, file_id, user);
      if (!file) throw fileNotFound(file_id);
      return file;
    },

    async getFileContent({ file_id, size }, { user, database, log }) {
      const content = await store.findVisibleContent(database, file_id, user, size ?? 0);
      if (!content) throw fileNotFound(file_id);
      return contentOf(content, { blobs, database, log });
    },

    async deleteFile({ file_id }, { user, database }) {
      return database.transaction(async (queries) => {
        const isClaimed = await store.lockOwnFile(queries, file_id, user.id);
        if (isClaimed === undefined) throw fileNotFound(file_id);
        if (isClaimed) throw new ApiError("FILE_NOT_USABLE", `File with id=${file_id} is in use`);
        await releaseFiles(queries, [file_id]);
        return {};
      });
    },

    async createFileLink({ file_id, size = 0, valid_seconds = defaultSeconds }, { user, database, now }) {
      if (!(await store.findFile(database, file_id, user))) throw fileNotFound(file_id);
      const expiresAt = Math.floor(now.getTime() / 1000) + valid_seconds;
      const token = writeToken(linkKey, { fileId: file_id, side: size, expiresAt });
      return {
        url: `${publicUrl}/v1/linked-files/${token}`,
        expires_at: new Date(expiresAt * 1000).toISOString(),
      };
    },

    async getLinkedFileContent({ token }, { database, log, now }) {
      const target = readToken(linkKey, token, now);
      const content = target && (await store.findContent(database, target.fileId, target.side));
      if (!content)
        throw new ApiError("FILE_NOT_FOUND", "The link is not valid, or has expired, or its file is deleted");
      const secondsLeft = target.expiresAt - Math.floor(now.getTime() / 1000);
      return contentOf(content, { blobs, database, log }, { secondsLeft });
    },
  };
}

function fileNotFound(id: number): ApiError {
  return new ApiError("FILE_NOT_FOUND", `File with id=${id} does not exist`);
}
