// Swagger UI and ReDoc, from their npm packages. Each page has its own Content-Security-Policy; neither needs an inline script
// or a file from another server.
import { document, packageFile, type Document } from "./document.js";
import { html, htmlPage } from "./html.js";
import { swaggerStart, type EndOfSession } from "./swagger-start.js";

const script = "text/javascript; charset=utf-8";
const closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

/** /docs and the files that it loads. */
export function swaggerUi(title: string, ends: readonly EndOfSession[]): [string, Document][] {
  const policy = `${closed}; script-src 'self'; style-src 'self'; img-src 'self' data:`;
  const head = html`<link rel="stylesheet" href="/docs/swagger-ui.css" />
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>`;
  const page = () => htmlPage(`${title}: Swagger UI`, head, html`<div id="swagger-ui"></div>`);
  return [
    ["/docs", document({ contentType: "text/html; charset=utf-8", policy }, page)],
    ["/docs/start.js", document({ contentType: script }, () => swaggerStart(ends))],
    ["/docs/swagger-ui-bundle.js", packageFile("swagger-ui-dist/swagger-ui-bundle.js", script)],
    ["/docs/swagger-ui.css", packageFile("swagger-ui-dist/swagger-ui.css", "text/css; charset=utf-8")],
    ["/docs/favicon-32x32.png", packageFile("swagger-ui-dist/favicon-32x32.png", "image/png")],
  ];
}

/** /redoc and the files that it loads. */
export function reDoc(title: string): [string, Document][] {
  // ReDoc creates its styles in the browser, and runs its search in a worker whose script is a blob.
  const policy = `${closed}; script-src 'self'; worker-src blob:; style-src 'unsafe-inline'; img-src 'self' data:`;
  const head = html`<script src="/redoc/redoc.standalone.js" defer></script>
    <script src="/redoc/start.js" defer></script>`;
  const page = () => htmlPage(`${title}: ReDoc`, head, html`<div id="redoc"></div>`);
  return [
    ["/redoc", document({ contentType: "text/html; charset=utf-8", policy }, page)],
    ["/redoc/start.js", document({ contentType: script }, () => startReDoc)],
    ["/redoc/redoc.standalone.js", packageFile("redoc/bundles/redoc.standalone.js", script, withoutLogo)],
  ];
}

/** ReDoc loads the logo of its vendor from another server, and shows none when that fails. */
function withoutLogo(text: string): string {
  return text.replaceAll("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,");
}

const startReDoc = `\
const fontFamily = "system-ui, sans-serif";
document.body.style.margin = 0;
Redoc.init(
  "/openapi.json",
  {
    expandResponses: "200,201",
    theme: { typography: { fontFamily, headings: { fontFamily } } },
  },
  document.getElementById("redoc"),
);
`;
