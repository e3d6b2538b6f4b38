// No method of the contract may have a path of the documents or of the process.
import { expect } from "chai";
import { descriptorFiles } from "../../src/config.js";
import { loadContract } from "../../src/contract/model/load.js";
import { outsideRoutes } from "../../src/doors/outside-routes.js";
import { smallContract } from "../support/contract-with.js";

function outside(path: string): ReturnType<typeof outsideRoutes> {
  const tiny = `syntax = "proto3"; package tiny.v1;
    import "google/api/annotations.proto"; import "lyceum/v1/options.proto";
    message Asked { string id = 1; }
    service TinyService { rpc Look(Asked) returns (Asked) {
      option (google.api.http) = {get: "${path}"}; option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE; } }`;
  const contract = loadContract(smallContract, new Map([["tiny.proto", tiny]]));
  return outsideRoutes(contract, { title: "Tiny", version: "1" }, descriptorFiles, {
    isReady: () => true,
    canWrite: () => true,
  });
}

describe("a server does not start, by the name of the rpc, with a method at", () => {
  // Every path that answers today, and what a page of every origin may read.
  const paths = new Set(
    outside("/tiny/{id}")
      .flatMap(({ stack }) => stack.map(({ path }) => String(path)))
      .filter((path) => isTemplate(path)),
  );
  for (const path of [
    ...paths,
    "/problems/secrets",
    "/docs/{id}",
    "/proto/tiny/{id}",
    "/livez/{id}",
    "/{id}",
    "/{id}/b",
  ]) {
    it(path, () => {
      expect(() => outside(path)).to.throw(`tiny.v1.TinyService.Look: the path ${path} would take that of a document`);
    });
  }

  it("any of some twenty paths", () => {
    expect(paths).to.include.members([
      "/openapi.json",
      "/docs",
      "/redoc",
      "/proto",
      "/proto.zip",
      "/descriptor.binpb",
      "/problems",
    ]);
    expect(paths).to.include.members(["/livez", "/readyz", "/documents.css", "/docs/start.js", "/problems/internal"]);
  });
});

/** Whether a method could have the path; capital letters and the root are no template. */
function isTemplate(path: string): boolean {
  return /^(?:\/[a-z0-9_.-]+)+$/.test(path);
}
