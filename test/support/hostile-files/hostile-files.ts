// The list of hostile files: for the tools that look at files, and for the server that keeps and serves them.
import { archives } from "./archives.js";
import { bombs, oddImages, truncated, wrongMagic } from "./broken-images.js";
import type { HostileFile } from "./hostile-file.js";
import { page } from "./hostile-file.js";
import { hostileNames } from "./names.js";
import { pages } from "./pages.js";
import { imagePolyglots, otherPolyglots } from "./polyglots.js";

/** What a sender may say that a file is; the claims and the endings go around, so that each kind of file meets many. */
const claims = [
  "text/html",
  "image/png",
  "image/svg+xml",
  "text/plain",
  "application/xhtml+xml",
  "image/jpeg",
  "application/octet-stream",
  "text/javascript",
  "image/gif",
  "application/pdf",
];
const endings = ["html", "png", "svg", "txt", "xhtml", "jpg", "docx", "js", "gif", "pdf", "xml", "webp", "csv", "zip"];

type Contents = Readonly<Record<string, string | Buffer | (() => Buffer)>>;

/** Each of these contents once, with another name and claim than its neighbours. */
function filesOf(contents: Contents, isImage?: boolean): HostileFile[] {
  return Object.entries(contents).map(([title, content], at) => ({
    title: `${title} as ${endings[at % endings.length]}`,
    name: `file.${endings[at % endings.length]}`,
    mediaType: claims[at % claims.length]!,
    isImage,
    bytes: () => (typeof content === "function" ? content() : Buffer.from(content)),
  }));
}

/** Pages under the endings with which a server may be brought to serve them as pages, and under those of what it shows. */
const pagesByEnding = ["html", "txt", "png", "svg", "json"].flatMap((ending) =>
  Object.entries(pages).map(([title, content]): HostileFile => ({
    title: `${title} as ${ending}`,
    name: `file.${ending}`,
    mediaType: "text/html",
    isImage: false,
    bytes: () => Buffer.from(content),
  })),
);

/** More than 500, with different titles. */
export const hostileFiles: readonly HostileFile[] = [
  ...hostileNames.map((name, at): HostileFile => ({
    title: `a page with name ${at}, ${JSON.stringify(name.slice(0, 40))}`,
    name,
    mediaType: "text/html",
    bytes: () => Buffer.from(page),
  })),
  ...pagesByEnding,
  ...filesOf(archives, false),
  ...filesOf(imagePolyglots, true),
  ...filesOf(otherPolyglots, false),
  ...filesOf(bombs, false),
  ...filesOf(oddImages, true),
  ...filesOf(truncated, false),
  ...filesOf(wrongMagic),
];
