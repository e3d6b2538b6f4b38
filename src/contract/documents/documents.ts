// The documents about the contract, for people and tools: OpenAPI, Swagger UI, ReDoc, the .proto files, the descriptor set
// and a page for each reason. All of it comes from this server, and no page loads anything from elsewhere.
import { readFileSync } from "node:fs";
import { Router } from "@koa/router";
import { document, sendDocument, type Document } from "./document.js";
import { problemDocuments, protoDocuments, stylesheet } from "./document-pages.js";
import { reDoc, swaggerUi } from "./document-viewers.js";
import type { Contract } from "../model/load.js";
import { openApi, type About } from "./openapi.js";

/** Whether what is at a path may be read by pages of every origin: documents about the contract, which hold no data. */
export function isPublicDocument(path: string): boolean {
  return /^\/(?:openapi\.json|descriptor\.binpb|proto(?:\/.*)?|problems(?:\/.*)?)$/.test(path);
}

/**
 * Routes of every document about a contract: /openapi.json, /docs, /redoc, /proto, /descriptor.binpb and /problems. They
 * answer to GET and HEAD, with an ETag. What costs work is done when it is first asked for. `descriptor` is the file with
 * the contract's FileDescriptorSet, which protobufjs cannot make: it keeps neither the files apart nor their custom options.
 * Throws when that or a file of the viewers is not there.
 */
export function documentRoutes(contract: Contract, about: About, descriptor: URL): Router {
  const openApiJson = document({ contentType: "application/json; charset=utf-8" }, () =>
    JSON.stringify(openApi(contract, about)),
  );
  const documents: [string, Document][] = [
    ["/openapi.json", openApiJson],
    ...swaggerUi(about.title),
    ...reDoc(about.title),
    ...protoDocuments(contract, about.title, readFileSync(descriptor)),
    ...problemDocuments(contract, about.title),
    stylesheet(),
  ];
  const router = new Router();
  for (const [path, document] of documents) router.get(path, (ctx) => sendDocument(ctx, document));
  // A person who types the address of the server wants to know what it does.
  router.get("/", (ctx) => ctx.redirect("/docs"));
  return router;
}
