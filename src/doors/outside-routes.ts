// The routes outside of the contract, of the process and of the documents, which no method of the contract may take.
import type Router from "@koa/router";
import { documentRoutes } from "../contract/documents/documents.js";
import type { About } from "../contract/documents/openapi.js";
import type { DescriptorFiles } from "../contract/documents/proto-downloads.js";
import type { Contract } from "../contract/model/load.js";
import { processRoutes, type Readiness } from "./process-routes.js";

/**
 * All of them. Throws an Error that names the rpc when the path of a method begins like one of theirs: it would hide it, and
 * what is at some of them is open to pages of every origin.
 */
export function outsideRoutes(
  contract: Contract,
  about: About,
  descriptors: DescriptorFiles,
  readiness: Readiness,
): Router[] {
  const routes = [processRoutes(readiness), documentRoutes(contract, about, descriptors)];
  const taken = new Set(routes.flatMap(({ stack }) => stack.map(({ path }) => firstSegment(String(path)))));
  for (const { service, name, path } of contract.methods) {
    const first = firstSegment(path);
    if (first.startsWith("{") || taken.has(first))
      throw new Error(`${service}.${name}: the path ${path} would take that of a document or of the process`);
  }
  return routes;
}

function firstSegment(path: string): string {
  return path.split("/")[1] ?? "";
}
