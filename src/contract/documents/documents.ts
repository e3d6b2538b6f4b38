// The documents about the contract, for people and tools: OpenAPI, Swagger UI, ReDoc, the .proto files, the descriptor set
// and a page for each reason. No page loads anything from another server.
import { Router } from "@koa/router";
import { chosenDocument } from "./chosen-document.js";
import { document, sendDocument, type Document } from "./document.js";
import { problemDocuments, protoPages } from "./document-pages.js";
import { reDoc, swaggerUi } from "./document-viewers.js";
import { successOf } from "../model/outcomes.js";
import type { EndOfSession } from "./swagger-start.js";
import type { Contract } from "../model/load.js";
import { openApi, type About } from "./openapi.js";
import { addressOf } from "./pages/address.js";
import { guideFor } from "./pages/client-guide.js";
import { httpFile } from "./pages/http-file.js";
import { sendLandingPage } from "./pages/landing-page.js";
import { stylesheet } from "./pages/page-frame.js";
import { clientExport, descriptorSets, type DescriptorFiles } from "./proto-downloads.js";
import type { Serializations } from "./openapi/serializations.js";

/** Whether pages of every origin may read what is at a path: true for documents about the contract, which hold no data. */
export function isPublicDocument(path: string): boolean {
  return /^\/(?:openapi\.json|lyceum\.http|descriptor\.binpb|proto\.zip|proto(?:\/.*)?|problems(?:\/.*)?)$/.test(path);
}

/**
 * Routes of the landing page, and of every document about a contract: /openapi.json, /lyceum.http, /docs, /redoc, /proto,
 * /proto.zip, /descriptor.binpb, /problems and /client-guide. They answer GET and HEAD, with an ETag. A document is made at its
 * first request, or, where it shows the address of the server, at each. Throws when a file of `descriptors` or of the viewers
 * does not exist.
 */
export function documentRoutes(contract: Contract, about: About, descriptors: DescriptorFiles): Router {
  const openApiOf = (shown: Serializations): Document =>
    document({ contentType: "application/json; charset=utf-8" }, () => JSON.stringify(openApi(contract, about, shown)));
  const openApis = { parameter: "serialization", documents: { json: openApiOf("json"), all: openApiOf("all") } };
  const documents: [string, Document][] = [
    ...swaggerUi(about.title, endsOfSessions(contract, about)),
    ...reDoc(about.title),
    ...protoPages(contract, about.title),
    clientExport(contract, about),
    ...problemDocuments(contract, about.title),
    stylesheet(),
  ];
  const router = new Router();
  router.get("/openapi.json", (ctx) => sendDocument(ctx, chosenDocument(openApis, ctx.querystring)));
  for (const [path, document] of documents) router.get(path, (ctx) => sendDocument(ctx, document));
  const sets = descriptorSets(descriptors);
  router.get("/descriptor.binpb", (ctx) => sendDocument(ctx, chosenDocument(sets, ctx.querystring)));
  router.get("/", (ctx) => sendLandingPage(ctx, contract, about));
  const { title, guide } = about;
  const addressed = (path: string, text: (address: string) => string | Promise<string>): void => {
    const type = { contentType: "text/plain; charset=utf-8" };
    const of = (address: string): Document => document(type, () => text(address));
    router.get(path, (ctx) => sendDocument(ctx, of(addressOf(ctx))));
  };
  addressed("/lyceum.http", (address) => httpFile(contract, title, address));
  if (guide) addressed("/client-guide", (address) => guideFor(guide, address));
  return router;
}

/** The successes after which a token is no longer good. */
function endsOfSessions({ methods }: Contract, { endsSession = [] }: About): EndOfSession[] {
  const ending = methods.filter(({ name }) => endsSession.includes(name));
  return ending.map((method) => ({ path: method.path, status: successOf(method) }));
}
