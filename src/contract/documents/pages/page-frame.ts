// The frame of our own pages, and their stylesheet. They fit a phone: words break where they must, the rows of a table are
// stacked on a narrow screen, and code scrolls inside its own box.
import { document, type Document } from "../document.js";
import { html, htmlPage, type Html } from "../html.js";

/** A page with a heading and links to the other ones. `body` runs at the first request. */
export function page(title: string, heading: string, body: () => Html): Document {
  const policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const head = html`<link rel="stylesheet" href="/documents.css" />`;
  return document({ contentType: "text/html; charset=utf-8", policy }, () =>
    htmlPage(
      `${title}: ${heading}`,
      head,
      html`<nav>
          <a href="/"><strong>${title}</strong></a> <a href="/docs">Swagger UI</a> <a href="/redoc">ReDoc</a>
          <a href="/openapi.json">OpenAPI</a> <a href="/proto/">The contract</a> <a href="/problems/">Problems</a>
        </nav>
        <main>
          <h1>${heading}</h1>
          ${body()}
        </main>`,
    ),
  );
}

/** /documents.css, which all these pages use. */
export function stylesheet(): [string, Document] {
  return ["/documents.css", document({ contentType: "text/css; charset=utf-8" }, () => css)];
}

const css = `\
:root { color-scheme: light dark; --faint: light-dark(#0001, #fff1); --link: light-dark(#0757b8, #7ab5ff); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
nav, main { max-width: 64rem; margin: auto; padding: 1rem 1.5rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
h1 { line-height: 1.2; }
h2 { margin-top: 2rem; font-size: 1.2rem; }
a { color: var(--link); }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
pre { background: var(--faint); padding: 1rem; overflow-x: auto; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.2rem .4rem 0; border-top: 1px solid var(--faint); }
@media (max-width: 40rem) {
  body { overflow-wrap: anywhere; }
  nav, main { padding: 1rem; }
  table, tbody, tr, th, td { display: block; }
  tr { border-top: 1px solid var(--faint); padding: .5rem 0; }
  tr:has(th + th) { display: none; }
  th, td { border: 0; padding: 0; }
}
`;
