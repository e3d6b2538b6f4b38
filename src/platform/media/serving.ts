// How a file of a stranger is served: so that a browser never runs it in the name of this server.
import { anyBytes } from "./media-type.js";
import { isTextType } from "./text-types.js";

/** What may be shown at its own address: no browser runs any of it, with `X-Content-Type-Options: nosniff` beside it. */
export const inlineTypes: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "audio/mpeg",
  "audio/mp4",
  "audio/x-m4a",
  "audio/aac",
  "audio/ogg",
  "audio/wav",
  "audio/flac",
  "video/mp4",
  "video/webm",
  "video/ogg",
  "text/plain",
]);

const runTypes = new Set([
  "text/html",
  "text/css",
  "text/xml",
  "text/xsl",
  "text/rdf",
  "application/xml",
  "application/xml-dtd",
  "application/wasm",
  "application/x-shockwave-flash",
  "application/vnd.ms-htmlhelp",
  "application/hta",
  "application/java-archive",
  "application/java-vm",
  "application/x-java-applet",
  "application/x-xpinstall",
  "application/x-google-chrome-extension",
  "application/x-ms-application",
  "application/x.ms.shortcut",
  "multipart/related",
  "multipart/x-mixed-replace",
  "message/rfc822",
]);

/**
 * Whether a browser would run it, or would build a page of it: markup, style sheets, scripts, and what is installed or executed on a click.
 * Parameters and capitals do not matter. A PDF is not run: viewers keep its scripts from everything outside of it.
 */
export function isRunByBrowsers(mediaType: string): boolean {
  const type = mediaType.split(";")[0]!.trim().toLowerCase();
  return (
    runTypes.has(type) || type.endsWith("+xml") || /^(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script/.test(type)
  );
}

/** The values of Content-Type and of `contentDisposition` for a stored file. */
export interface Serving {
  readonly contentType: string;
  readonly kind: "inline" | "attachment";
}

/** How a file of the given type is served: what may be shown as itself, the rest to be saved, and what a browser would run without its type. */
export function servingOf(mediaType: string): Serving {
  if (isRunByBrowsers(mediaType)) return { contentType: anyBytes, kind: "attachment" };
  return {
    // Without a charset a browser would guess one, such as UTF-7.
    contentType: isTextType(mediaType) ? `${mediaType}; charset=utf-8` : mediaType,
    kind: inlineTypes.has(mediaType) ? "inline" : "attachment",
  };
}
