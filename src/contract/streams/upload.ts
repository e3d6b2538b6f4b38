// A body that is no message, on its way from the client: the bytes as they are, or the one file of a form. It is read into memory
// for a method that takes few media types, and by the handler of one that takes any.
import { Writable } from "node:stream";
import { ApiError } from "../../errors.js";
import type { HttpBody } from "../../gen/google/api/httpbody.js";
import { atPace, streamPace, wholePace, type Pace } from "./arrival.js";
import { announcesBody, bodyTooLarge, requireUncoded } from "../http/body.js";
import { type Doors, formOverheadBytes, type Received } from "../http/door.js";
import { parseMediaType } from "../http/media-type.js";
import { Pour, pourBody } from "./pour.js";
import type { KoaContext } from "../http/request-context.js";

export const formType = "multipart/form-data";

/** A body that a handler reads while it arrives. */
export interface Upload {
  /** The size of the file in bytes by Content-Length; undefined for one in a form or in chunks. */
  readonly announced: number | undefined;
  /** The largest size that the file may have, by what the client announces, and by the limit of the server. */
  readonly most: number;
  /**
   * Writes the file into `writable`, as fast as that takes it, and ends it; once. Rejects with BODY_TOO_LARGE beyond `mostBytes`, before
   * anything is read where the client announces as much; with REQUEST_TIMEOUT when the client stands still; with MALFORMED_REQUEST for
   * a form without one file, and for a Content-Disposition that cannot be read; with Disconnected when the client has gone; and with the error of the writable, which is then destroyed.
   */
  receive(writable: Writable, mostBytes?: number): Promise<Received>;
}

/** The body of one request. */
export class IncomingUpload implements Upload {
  #isBegun = false;
  #isRead = false;

  constructor(
    private readonly ctx: KoaContext,
    private readonly limit: number,
    private readonly doors: Pick<Doors, "readForm" | "readDisposition">,
    private readonly pace: Pace = streamPace,
  ) {}

  /** Whether every byte of the body was read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  get announced(): number | undefined {
    const length = this.ctx.req.headers["content-length"];
    return length === undefined || this.isForm ? undefined : Number(length);
  }

  get most(): number {
    return Math.min(this.limit, Number(this.ctx.req.headers["content-length"] ?? this.limit));
  }

  private get isForm(): boolean {
    return mediaTypeOf(this.ctx.req.headers["content-type"]) === formType;
  }

  async receive(writable: Writable, mostBytes = Infinity): Promise<Received> {
    if (this.#isBegun) throw new Error("The body of an upload is read once");
    this.#isBegun = true;
    const { req, res, state } = this.ctx;
    const { isForm } = this;
    const limit = Math.min(mostBytes, this.limit);
    try {
      requireUncoded(req);
      const name = isForm ? "" : this.nameOfBytes();
      const overhead = isForm ? formOverheadBytes : 0;
      if (Number(req.headers["content-length"] ?? 0) > limit + overhead) throw bodyTooLarge(limit);
      if (state.context.expectsContinue && announcesBody(req)) res.writeContinue();
      const receive = (): Promise<Received> =>
        isForm ? this.doors.readForm(this.ctx, limit, writable) : this.receiveBytes(writable, limit, name);
      const received = await atPace(req, this.pace, receive);
      this.#isRead = true;
      return received;
    } catch (error) {
      writable.destroy();
      throw error;
    }
  }

  private async receiveBytes(writable: Writable, limit: number, name: string): Promise<Received> {
    const { req } = this.ctx;
    const pour = new Pour(writable, limit);
    await pourBody(req, pour);
    return { name, contentType: mediaTypeOf(req.headers["content-type"]), size: pour.size };
  }

  private nameOfBytes(): string {
    const header = this.ctx.req.headers["content-disposition"];
    const disposition = header === undefined ? {} : this.doors.readDisposition(header);
    if (disposition) return disposition.name ?? "";
    throw new ApiError("MALFORMED_REQUEST", "Content-Disposition cannot be read as RFC 6266 has it");
  }
}

/** Reads the one file of a form into memory: it is no larger than `limit`. Throws the errors of `Upload.receive`. */
export async function formInMemory(ctx: KoaContext, limit: number, doors: Doors): Promise<HttpBody> {
  const chunks: Buffer[] = [];
  const memory = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      chunks.push(chunk);
      callback();
    },
  });
  const { contentType } = await new IncomingUpload(ctx, limit, doors, wholePace).receive(memory);
  return { content_type: contentType, data: Buffer.concat(chunks) };
}

function mediaTypeOf(contentType: string | undefined): string {
  return (contentType === undefined ? undefined : parseMediaType(contentType)?.type) ?? "application/octet-stream";
}
