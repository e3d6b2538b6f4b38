// Reads a form with one file (multipart/form-data, RFC 7578) with koa-body, and adds what formidable lacks by default: limits
// on part headers and on text before the first part, and the treatment of a part with a filename but no media type as a file.
import { bodyTooLarge, Disconnected } from "../contract/http/body.js";
import { formOverheadBytes, type FormReader } from "../contract/http/door.js";
import { parseMediaType } from "../contract/http/media-type.js";
import { Pour } from "../contract/streams/pour.js";
import { ApiError } from "../errors.js";

const fieldBytes = 16 * 1024;
/** Formidable reports a chunk before it writes its bytes to the file. */
const chunkBytes = 128 * 1024;
const unknownType = "application/octet-stream";

interface Form {
  on(event: "progress", listener: (received: number) => void): void;
  emit(event: "error", error: Error): void;
}

/** Writes the one file of a form into `writable`; other fields are ignored. A file without a media type is application/octet-stream. */
export const readForm: FormReader = async (ctx, limit, writable) => {
  const files: { readonly name: string; readonly type: string }[] = [];
  let fileBytes = 0;
  let pour: Pour | undefined;
  const bounded = (form: Form): void => {
    // Formidable goes on after the first of the pieces of a chunk is written, and would fill the memory.
    Object.assign(form, { pause: () => true, resume: () => true });
    form.on("progress", (received) => {
      if (received - fileBytes > formOverheadBytes + chunkBytes) form.emit("error", bodyTooLarge(limit));
    });
  };
  const takePiece = (bytes: Buffer): void => {
    fileBytes += bytes.length;
    if (!pour?.writableNeedDrain || ctx.req.isPaused()) return;
    ctx.req.pause();
    pour.once("drain", () => ctx.req.resume());
  };
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
        // Formidable refuses a second file before it asks for a place for it.
        fileWriteStreamHandler: () => (pour = new Pour(writable, limit)),
        onPart: (part, handle) => {
          if (part.originalFilename !== null) part.mimetype ||= unknownType;
          // Formidable takes a part with a media type for a file, with or without a name.
          if (part.mimetype) {
            files.push({ name: part.originalFilename ?? "", type: part.mimetype });
            part.on("data", takePiece);
          }
          handle(part);
        },
      },
    })(ctx, async () => {});
  } catch (error) {
    ctx.req.removeAllListeners("data");
    ctx.req.resume();
    throw pour?.fault ?? problemOf(error, limit);
  }
  const [file] = files;
  if (files.length !== 1 || !file || !pour) throw new ApiError("MALFORMED_REQUEST", "The form must hold one file");
  if (pour.fault) throw pour.fault;
  return { name: file.name, contentType: parseMediaType(file.type)?.type ?? file.type, size: pour.size };
};

/** Converts an error of formidable. Its message is not sent, because it may contain values of the client. */
function problemOf(error: unknown, limit: number): Error {
  if (error instanceof ApiError) return error;
  const { code, httpCode } = error as { code?: unknown; httpCode?: unknown };
  // 1002 is formidable's code for an aborted request.
  if (code === 1002 || (error as NodeJS.ErrnoException).code === "ECONNRESET")
    return new Disconnected("The form broke off");
  // 1015 is its code for too many files, which it counts as a body that is too large.
  if (httpCode === 413 && code !== 1015) return bodyTooLarge(limit);
  return new ApiError("MALFORMED_REQUEST", "The body is not a form with one file", { cause: error });
}
