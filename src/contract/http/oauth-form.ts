// A form of OAuth 2.0 as a request message (RFC 6749, section 3.2 and appendix B).
import type protobuf from "protobufjs";
import { ApiError } from "../../errors.js";
import { defaults, type Plain } from "../codecs/codec.js";
import { parseMediaType } from "./media-type.js";
import type { Negotiated } from "./negotiate.js";

/** The media type of the form. */
export const oauthFormType = "application/x-www-form-urlencoded";

/** Throws UNSUPPORTED_MEDIA_TYPE for anything but the media type of a form in UTF-8. */
export function requireOAuthForm(contentType: string | undefined): void {
  const { type, params } = (contentType === undefined ? undefined : parseMediaType(contentType)) ?? {};
  if (type === oauthFormType && /^utf-?8$/i.test(params?.get("charset") ?? "utf-8")) return;
  const what = contentType === undefined ? "The body has no Content-Type" : "The media type of the body is not read";
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", `${what}; there is ${oauthFormType}, in UTF-8`, {
    supported: [oauthFormType],
  });
}

/** The message with these parameters. Others are ignored, and one without a value is as none (RFC 6749, section 3.2). */
export function messageOfForm(type: protobuf.Type, parameters: Readonly<Record<string, string>>): Plain {
  const message = defaults(type);
  for (const { name } of type.fieldsArray) if (parameters[name]) message[name] = parameters[name];
  return message;
}

/** The same codecs, with application/json for errors (RFC 6749, section 5.2), unless Accept names that of Problems. */
export function withOAuthErrors(negotiated: Negotiated, accept: string | undefined): Negotiated {
  const isNamed = /application\/problem\+json/i.test(accept ?? "");
  if (negotiated.problem !== "json" || isNamed) return negotiated;
  return { ...negotiated, problemType: "application/json; charset=utf-8" };
}
