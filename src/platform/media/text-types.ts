// Which files are text: by their extension, since a text says of itself no more than that it is one.
import { extensionOf } from "./file-name.js";

// Program code is plain text: browsers show it then, and its name says the language.
const extensions: Readonly<Record<string, string>> = {
  "text/plain":
    "txt text log ini cfg conf toml properties env lst diff patch tex bib srt sql " +
    "c h cc cpp cxx hh hpp hxx cs java kt kts scala groovy gradle go rs swift dart m mm d zig nim asm s pas pp dpr bas vb vbs " +
    "py pyw rb php pl pm lua tcl r jl hs lhs ml mli fs fsx erl ex exs clj lisp scm rkt pro sh bash zsh fish bat cmd ps1 awk sed " +
    "ts tsx jsx vue svelte scss sass less proto graphql cmake mk",
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "text/markdown": "md markdown",
  "text/calendar": "ics",
  "text/vcard": "vcf",
  "text/vtt": "vtt",
  "text/css": "css",
  "text/html": "html htm shtml hta",
  "text/javascript": "js mjs cjs",
  "application/json": "json jsonl geojson ipynb webmanifest",
  "application/yaml": "yaml yml",
  "application/xhtml+xml": "xhtml xht",
  "application/xslt+xml": "xsl xslt",
  "application/xml": "xml xsd dtd rss atom rdf wsdl",
  "application/mathml+xml": "mathml mml",
  "image/svg+xml": "svg",
};

const types = new Map(
  Object.entries(extensions).flatMap(([type, words]) => words.split(" ").map((word) => [word, type] as const)),
);

/** The media type of a text file with this name, such as "text/csv"; undefined where the name has no extension of a text. */
export function textTypeOf(name: string): string | undefined {
  return types.get(extensionOf(name));
}

/** Whether it is a type of texts: what `detectMediaType` gives for valid UTF-8 alone. */
export function isTextType(mediaType: string): boolean {
  return Object.hasOwn(extensions, mediaType);
}
