// The HTML pages under /proto and /problems.
import { document, type Document } from "./document.js";
import { html, withCode, type Html } from "./html.js";
import { isPublishedElsewhere } from "../export/client-contract.js";
import type { Contract } from "../model/load.js";
import type { Method } from "../model/method.js";
import type { ReasonMeaning } from "../model/reasons.js";
import { prose } from "./openapi/json-forms.js";
import { reasonsOf } from "../model/outcomes.js";
import { problemType } from "../model/problem-type.js";
import { page } from "./pages/page-frame.js";

/** /proto, and the annotated .proto files below it: those of the contract itself, and no copies of files of others. */
export function protoPages(contract: Contract, title: string): [string, Document][] {
  const files = ownFiles(contract).map(([name, text]): [string, Document] => [
    `/proto/${name}`,
    document({ contentType: "text/plain; charset=utf-8" }, () => text),
  ]);
  return [["/proto", page(title, "The contract", () => protoList(contract))], ...files];
}

/** /problems, and a page for each reason, under two spellings of its name. */
export function problemDocuments(contract: Contract, title: string): [string, Document][] {
  const pages = [...contract.reasons.values()].flatMap((meaning): [string, Document][] => {
    const document = page(title, meaning.title, () => problemBody(contract, meaning));
    const paths = new Set([problemType(meaning.reason), `/problems/${meaning.reason.toLowerCase()}`]);
    return [...paths].map((path) => [path, document]);
  });
  return [["/problems", page(title, "Problems", () => problemList(contract))], ...pages];
}

function ownFiles(contract: Contract): [string, string][] {
  return [...contract.files].filter(([name]) => !isPublishedElsewhere(name));
}

function protoList(contract: Contract): Html {
  const rows = ownFiles(contract).map(
    ([name, text]) =>
      html`<tr>
        <td><a href="/proto/${name}">${name}</a></td>
        <td>${firstComment(text)}</td>
      </tr> `,
  );
  return html`<p>
      To write a client, take <a href="/proto.zip">proto.zip</a>: the same packages, messages, services and comments in
      files that need <code>google/protobuf/*</code> alone, with a README that shows how to compile them. The
      <a href="/descriptor.binpb">descriptor set</a> is the same, compiled, for buf, protoc, Wire and other programs
      that read a <code>FileDescriptorSet</code>.
    </p>
    <pre>
curl --remote-name http://&lt;this server&gt;/proto.zip
unzip proto.zip -d lyceum-proto</pre>
    <h2>The annotated files</h2>
    <p>
      These files declare every method and message of this server, with the routes and the rules as options. They are
      for tools that read such options; the <a href="/descriptor.binpb?annotated=true">annotated descriptor set</a> has
      them compiled.
    </p>
    <table>
      ${rows}
    </table>
    <h2>Their imports</h2>
    <p>
      <code>buf/validate/validate.proto</code> and <code>google/api/*.proto</code>, <code>google/rpc/*.proto</code> are
      published by others. With buf, name two modules in <code>buf.yaml</code>, and run <code>buf dep update</code>:
    </p>
    <pre>
version: v2
deps:
  - buf.build/bufbuild/protovalidate
  - buf.build/googleapis/googleapis</pre>
    <p>
      With protoc, put <code>proto/protovalidate/</code> of the repository bufbuild/protovalidate and the root of the
      repository googleapis/googleapis on the include path.
    </p>`;
}

function firstComment(text: string): Html {
  const lines = /^(?:\/\/.*\n)+/.exec(text)?.[0].split("\n") ?? [];
  return withCode(
    lines
      .map((line) => line.replace(/^\/\/ ?/, ""))
      .join(" ")
      .trim(),
  );
}

function problemList(contract: Contract): Html {
  const meanings = [...contract.reasons.values()].sort((a, b) => a.status - b.status);
  const rows = meanings.map(
    ({ reason, status, comment }) =>
      html`<tr>
        <td>${status}</td>
        <td>
          <a href="${problemType(reason)}"><code>${reason}</code></a>
        </td>
        <td>${withCode(prose(comment))}</td>
      </tr> `,
  );
  return html`<p>
      Every error is a <code>Problem</code> (<a href="/proto/lyceum/v1/problem.proto">problem.proto</a>), in the
      serialization that a success would have had. Its <code>reason</code> is one of these names, which never change.
    </p>
    <table>
      <tr>
        <th>Status</th>
        <th>Reason</th>
        <th>Meaning</th>
      </tr>
      ${rows}
    </table>`;
}

function problemBody(contract: Contract, meaning: ReasonMeaning): Html {
  const methods = contract.methods.filter((method) => reasonsOf(contract, method).includes(meaning));
  return html`<p>${withCode(prose(meaning.comment))}</p>
    <table>
      <tr>
        <th>reason</th>
        <td><code>${meaning.reason}</code></td>
      </tr>
      <tr>
        <th>status</th>
        <td>${meaning.status}</td>
      </tr>
      <tr>
        <th>code</th>
        <td><code>${meaning.code}</code></td>
      </tr>
      <tr>
        <th>type</th>
        <td><code>${problemType(meaning.reason)}</code></td>
      </tr>
    </table>
    <h2>Methods that answer with it</h2>
    ${methods.length === 0 ? html`<p>No method: the request is refused before one is found.</p>` : methodList(methods)}`;
}

function methodList(methods: readonly Method[]): Html {
  const rows = methods.map(({ name, service, verb, path, comment }) => {
    const link = `/docs#/${service.slice(service.lastIndexOf(".") + 1)}/${name}`;
    return html`<tr>
      <td><code>${verb}</code></td>
      <td><code>${path}</code></td>
      <td><a href="${link}">${name}</a></td>
      <td>${withCode(prose(comment))}</td>
    </tr> `;
  });
  return html`<table>
    ${rows}
  </table>`;
}
