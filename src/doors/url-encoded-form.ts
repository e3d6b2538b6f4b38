// Reads a form of parameters (application/x-www-form-urlencoded) with koa-body, whose defaults would nest, repeat and drop them.
import { Disconnected, isIdentity } from "../contract/http/body.js";
import type { ParameterReader } from "../contract/http/door.js";
import { ApiError } from "../errors.js";

const mostParameters = 20;
/** A form that takes longer to arrive is refused, in milliseconds. */
const arrivalMs = 10_000;

/**
 * Reads the parameters of a form of up to `limit` bytes. Throws BODY_TOO_LARGE; REQUEST_TIMEOUT; UNSUPPORTED_MEDIA_TYPE for a form in a
 * content coding; Disconnected; and MALFORMED_REQUEST for a parameter that is there twice, for more than 20, and for what is not UTF-8
 * or not percent-encoded. The form, which has a password, is in no error.
 */
export const readParameters: ParameterReader = async (ctx, limit) => {
  if (!isIdentity(ctx.req.headers["content-encoding"] ?? ""))
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "A form is read in no content coding", {
      supported: ["identity"],
      headers: { "Accept-Encoding": "identity" },
    });
  if (ctx.state.context.expectsContinue) ctx.res.writeContinue();
  // Loaded with the first form: it holds more memory than the rest of a server that gets none.
  const { HttpMethodEnum, koaBody } = await import("koa-body");
  const read = koaBody({
    json: false,
    text: false,
    multipart: false,
    urlencoded: true,
    urlencodedTypes: ["application/x-www-form-urlencoded"],
    formLimit: limit,
    includeUnparsed: true,
    parsedMethods: [HttpMethodEnum.POST],
    queryString: {
      allowDots: false,
      depth: 0,
      parameterLimit: mostParameters,
      arrayLimit: 0,
      throwOnLimitExceeded: true,
      plainObjects: true,
    },
  });
  try {
    await inTime(read(ctx, async () => {}));
  } catch (error) {
    ctx.req.resume();
    throw problemOf(error, limit);
  }
  const { body, rawBody } = ctx.request as unknown as Form;
  requireReadable(rawBody);
  return body;
};

/** What koa-body leaves at the request. */
interface Form {
  readonly body: Readonly<Record<string, string>>;
  readonly rawBody: string;
}

async function inTime(reading: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ApiError("REQUEST_TIMEOUT", "The form did not arrive in time")), arrivalMs);
  });
  try {
    await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The parser keeps what it cannot decode as it is, so that a password would be another one. */
function requireReadable(form: string): void {
  try {
    // A U+FFFD stands for bytes that are not UTF-8.
    if (!form.includes("\ufffd")) return void decodeURIComponent(form);
  } catch {
    // An escape without two digits, or escapes that are not UTF-8.
  }
  throw new ApiError("MALFORMED_REQUEST", "The form is not percent-encoded UTF-8");
}

/** Converts an error of the parser, which has the form with it. */
function problemOf(error: unknown, limit: number): Error {
  if (error instanceof ApiError) return error;
  const { status, type, code } = error as { status?: unknown; type?: unknown; code?: unknown };
  if (type === "request.aborted" || code === "ECONNRESET") return new Disconnected("The form broke off");
  if (status === 413) return new ApiError("BODY_TOO_LARGE", `The body is larger than ${limit} bytes`);
  return new ApiError("MALFORMED_REQUEST", `A parameter is there twice, or there are more than ${mostParameters}`);
}
