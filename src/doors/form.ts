// Reads a form with one file (multipart/form-data, RFC 7578) with koa-body, and adds what formidable lacks by default: limits
// on part headers and on text before the first part, and the treatment of a part with a filename but no media type as a file.
import { Writable } from "node:stream";
import { Disconnected, isIdentity } from "../contract/http/body.js";
import { formOverheadBytes, type FormReader } from "../contract/http/door.js";
import { ApiError } from "../errors.js";
import type { HttpBody } from "../gen/google/api/httpbody.js";

const fieldBytes = 16 * 1024;
/** Formidable reports a chunk before it writes its bytes to the file. */
const chunkBytes = 128 * 1024;

/** A file of the form, kept in memory: it is no larger than the limit of the method. */
class FileInMemory extends Writable {
  readonly chunks: Buffer[] = [];

  constructor(private readonly onBytes: (bytes: number) => void) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.chunks.push(chunk);
    this.onBytes(chunk.length);
    callback();
  }
}

interface Form {
  on(event: "progress", listener: (received: number) => void): void;
  emit(event: "error", error: Error): void;
}

/**
 * Reads the one file of a form; other fields are ignored. A file without a media type is application/octet-stream. Throws
 * BODY_TOO_LARGE, MALFORMED_REQUEST for anything but a form with one file, and UNSUPPORTED_MEDIA_TYPE for a form in a content
 * coding.
 */
export const readForm: FormReader = async (ctx, limit) => {
  if (!isIdentity(ctx.req.headers["content-encoding"] ?? ""))
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "A form is read in no content coding", {
      supported: ["identity"],
      headers: { "Accept-Encoding": "identity" },
    });
  if (ctx.state.context.expectsContinue) ctx.res.writeContinue();
  const files: FileInMemory[] = [];
  const types: string[] = [];
  let fileBytes = 0;
  const bounded = (form: Form): void =>
    form.on("progress", (received) => {
      if (received - fileBytes > formOverheadBytes + chunkBytes) form.emit("error", tooLarge(limit));
    });
  // Loaded with the first form: they hold more memory than the rest of a server that gets none.
  const [{ HttpMethodEnum, koaBody }, { multipart }] = await Promise.all([import("koa-body"), import("formidable")]);
  try {
    await koaBody({
      json: false,
      text: false,
      urlencoded: false,
      multipart: true,
      parsedMethods: [HttpMethodEnum.POST, HttpMethodEnum.PUT, HttpMethodEnum.PATCH],
      formidable: {
        enabledPlugins: [multipart, bounded],
        maxFiles: 1,
        maxFields: 10,
        maxFieldsSize: fieldBytes,
        maxFileSize: limit,
        maxTotalFileSize: limit,
        allowEmptyFiles: true,
        minFileSize: 0,
        fileWriteStreamHandler: () => {
          const file = new FileInMemory((bytes) => (fileBytes += bytes));
          files.push(file);
          return file;
        },
        onPart: (part, handle) => {
          if (part.originalFilename !== null) part.mimetype ||= "application/octet-stream";
          // Formidable takes a part with a media type for a file, with or without a name.
          if (part.mimetype) types.push(part.mimetype);
          handle(part);
        },
      },
    })(ctx, async () => {});
  } catch (error) {
    ctx.req.removeAllListeners("data");
    ctx.req.resume();
    throw problemOf(error, limit);
  }
  return onlyFile(files, types);
};

function onlyFile(files: readonly FileInMemory[], types: readonly string[]): HttpBody {
  const [file] = files;
  if (files.length !== 1 || !file) throw new ApiError("MALFORMED_REQUEST", "The form must hold one file");
  return { content_type: types[0]!, data: Buffer.concat(file.chunks) };
}

function tooLarge(limit: number): ApiError {
  return new ApiError("BODY_TOO_LARGE", `The body is larger than ${limit} bytes`);
}

/** Converts an error of formidable. Its message is not sent, because it may contain values of the client. */
function problemOf(error: unknown, limit: number): Error {
  if (error instanceof ApiError) return error;
  const { code, httpCode } = error as { code?: unknown; httpCode?: unknown };
  // 1002 is formidable's code for an aborted request.
  if (code === 1002 || (error as NodeJS.ErrnoException).code === "ECONNRESET")
    return new Disconnected("The form broke off");
  // 1015 is its code for too many files, which it counts as a body that is too large.
  if (httpCode === 413 && code !== 1015) return tooLarge(limit);
  return new ApiError("MALFORMED_REQUEST", "The body is not a form with one file", { cause: error });
}
