// Swagger UI and ReDoc, from their npm packages. Each page has its own Content-Security-Policy; neither needs an inline script
// or a file from another server.
import { document, packageFile, type Document } from "./document.js";
import { html, htmlPage } from "./html.js";
import type { Contract } from "../model/load.js";

const script = "text/javascript; charset=utf-8";
const closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

/** /docs and the files that it loads. */
export function swaggerUi(title: string, contract: Contract): [string, Document][] {
  const logouts = contract.methods.filter(({ name }) => name === "Logout").map(({ path }) => path);
  const policy = `${closed}; script-src 'self'; style-src 'self'; img-src 'self' data:`;
  const head = html`<link rel="stylesheet" href="/docs/swagger-ui.css" />
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>`;
  const page = () => htmlPage(`${title}: Swagger UI`, head, html`<div id="swagger-ui"></div>`);
  return [
    ["/docs", document({ contentType: "text/html; charset=utf-8", policy }, page)],
    ["/docs/start.js", document({ contentType: script }, () => startSwaggerUi(logouts))],
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

/**
 * Uses the access token of each answer that has one for all later requests, and keeps it for the next visit, until a logout or
 * until it is refused. Protobuf is shown as bytes in hexadecimal. `logouts` are the paths that end a session.
 */
const startSwaggerUi = (logouts: readonly string[]) => `\
const logouts = ${JSON.stringify(logouts)};
const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  async responseInterceptor(response) {
    const isLogout = response.ok && logouts.includes(new URL(response.url).pathname);
    const isRefused = /invalid_token/.test(response.headers["www-authenticate"]);
    if (isLogout || isRefused) ui.authActions.logoutWithPersistOption(["bearer"]);
    if (response.data instanceof Blob && /protobuf/.test(response.headers["content-type"]))
      response.data = response.text = inHex(new Uint8Array(await response.data.arrayBuffer()));
    try {
      const answer = JSON.parse(response.text);
      const token = answer.access_token ?? answer.accessToken;
      const schema = { type: "http", scheme: "bearer" };
      if (response.ok && token)
        ui.authActions.authorizeWithPersistOption({ bearer: { name: "bearer", schema, value: token } });
    } catch {
      // Not JSON: no login.
    }
    return response;
  },
});

function inHex(bytes) {
  const lines = [bytes.length + " bytes of Protocol Buffers in hexadecimal. Choose application/json to read the message.", ""];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(at.toString(16).padStart(8, "0") + "  " + hex.padEnd(47) + "  " + text);
  }
  return lines.join("\\n");
}
`;

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
