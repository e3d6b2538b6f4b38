// Markdown as HTML that a page may show: a subset, written by markdown-it, and cleaned once more as if somebody else had written it.
import MarkdownIt from "markdown-it";
import sanitizeHtml from "sanitize-html";

/** The longest text that is rendered, in characters. */
export const mostCharacters = 20_000;

// No image: whoever opens the page would tell their address to the server that has it.
// No table and no reference: a short text could become one of megabytes.
const markdown = new MarkdownIt({ html: false, breaks: true, linkify: true, maxNesting: 20 }).disable([
  "image",
  "table",
  "reference",
]);
markdown.validateLink = isOutside;
// Only what begins with a scheme becomes a link without brackets: "server.py" and "10.30" are words.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

const allowed: sanitizeHtml.IOptions = {
  allowedTags: "h1 h2 h3 h4 h5 h6 p br hr ul ol li blockquote pre code strong em s a".split(" "),
  allowedAttributes: { a: ["href", "title", "rel"], ol: ["start"] },
  allowedSchemes: ["http", "https", "mailto"],
  allowProtocolRelative: false,
  // Deeper than markdown-it writes.
  nestingLimit: 60,
  transformTags: {
    a: (tagName, { href = "", title }) => ({
      tagName,
      attribs: isOutside(href) ? { href, rel: "nofollow noopener", ...(title && { title }) } : {},
    }),
  },
};

/**
 * HTML of a text in Markdown: headings, paragraphs, lists, quotes, code, emphasis, and links to http, https and mailto, with
 * rel="nofollow noopener". Everything else, HTML among it, is shown as the text that it is. The time and the length grow no faster than
 * the text. Throws a RangeError over more than `mostCharacters`.
 */
export function renderMarkdown(text: string): string {
  // A character has at most two units.
  if (text.length > mostCharacters && (text.length > 2 * mostCharacters || [...text].length > mostCharacters))
    throw new RangeError(`A text of more than ${mostCharacters} characters is not rendered`);
  return sanitizeHtml(markdown.render(text), allowed).trim();
}

function isOutside(url: string): boolean {
  return /^(?:https?:\/\/|mailto:)[^\s]/i.test(url);
}
