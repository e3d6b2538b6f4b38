// The page at the root of the server: what this is, where to read on, and how to begin.
import type { RouterContext } from "@koa/router";
import { sendDocument } from "../document.js";
import { html, withCode, type Html } from "../html.js";
import type { Contract } from "../../model/load.js";
import type { About } from "../openapi.js";
import { prose } from "../openapi/json-forms.js";
import { addressOf } from "./address.js";
import { page } from "./page-frame.js";

/** What is at a path, in a few words. */
const places: readonly (readonly [string, string])[] = [
  ["/docs", "every operation, to be tried in the browser (Swagger UI)"],
  ["/redoc", "the same to read (ReDoc)"],
  ["/proto/", "the contract: the .proto files that all of this is made from"],
  ["/proto.zip", "the same for clients: messages and comments, without what the server needs"],
  ["/openapi.json", "the contract as an OpenAPI document, for generators"],
  ["/lyceum.http", "a request for each method, for the HTTP clients of VS Code and JetBrains"],
  ["/problems/", "every error, by the reason that a program looks at"],
];

const aboutGuide = "a first client in curl, TypeScript, Python, Go and for Android";

/**
 * Answers at the root. A client that accepts JSON and not HTML is sent to the OpenAPI document; every other one gets the page,
 * whose headers name that document too (RFC 8631).
 */
export function sendLandingPage(ctx: RouterContext, contract: Contract, about: About): Promise<void> | void {
  ctx.set("Link", '</openapi.json>; rel="service-desc", </docs>; rel="service-doc"');
  if (ctx.accepts("html", "json") === "json") return ctx.redirect("/openapi.json");
  // It shows the address that it was asked at, so it is made for each request.
  const address = addressOf(ctx);
  return sendDocument(
    ctx,
    page(about.title, "An API in JSON and Protocol Buffers", () => landing(contract, about, address)),
  );
}

function landing(contract: Contract, about: About, address: string): Html {
  const services = [...new Set(contract.methods.map(({ service }) => service))].sort().map((name) => {
    const short = name.slice(name.lastIndexOf(".") + 1);
    return html`<tr>
      <td><a href="/docs#/${short}">${short}</a></td>
      <td>${withCode(prose(contract.root.lookupService(name).comment))}</td>
    </tr> `;
  });
  const guide: typeof places = about.guide ? [["/client-guide", aboutGuide]] : [];
  const rows = [...guide, ...places].map(
    ([path, text]) =>
      html`<tr>
        <td><a href="${path}">${path}</a></td>
        <td>${text}</td>
      </tr> `,
  );
  return html`<p>
      Each method has one route, on which messages go as JSON, as ProtoJSON or as Protocol Buffers, errors included:
      <code>Content-Type</code> is the serialization of a request, <code>Accept</code> that of the answer.
    </p>
    ${about.login ? loginLine(about.login, address) : html``}
    <h2>Read on</h2>
    <table>
      ${rows}
    </table>
    <h2>What there is</h2>
    <table>
      ${services}
    </table>`;
}

function loginLine({ path, body }: NonNullable<About["login"]>, address: string): Html {
  return html`<h2>Log in</h2>
    <p>
      This is a demo: its people and their passwords are public. Paste this into a shell, and send the
      <code>access_token</code> of the answer as <code>Authorization: Bearer</code>, or paste it under
      <strong>Authorize</strong> in <a href="/docs">Swagger UI</a>.
    </p>
    <pre>curl -s ${address}${path} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}</pre>`;
}

/** A word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
