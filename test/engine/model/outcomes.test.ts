import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { loadContract, type Contract } from "../../../src/contract/model/load.js";
import type { Method } from "../../../src/contract/model/method.js";
import { reasonsOf, statusesOf, successOf } from "../../../src/contract/model/outcomes.js";
import { routesFile } from "../../../src/contract/documents/routes-file.js";

const protoDirectory = fileURLToPath(new URL("../../../proto", import.meta.url));

const tiny = `
syntax = "proto3";
package tiny.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/protobuf/empty.proto";
import "lyceum/v1/options.proto";
import "lyceum/v1/problem.proto";
service TinyService {
  rpc Look(google.protobuf.Empty) returns (Thing) {
    option (google.api.http) = {get: "/tiny"};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
  }
  rpc Make(Named) returns (Thing) {
    option (google.api.http) = {post: "/tiny" body: "*"};
    option (lyceum.v1.access) = ACCESS_TEACHER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.created) = "/tiny/{id}";
    option (lyceum.v1.failure_limit) = {failures: 3 seconds: 60 field: "name"};
    option (lyceum.v1.reason) = REASON_LAST_OWNER;
    option (lyceum.v1.reason) = REASON_EMAIL_TAKEN;
  }
  rpc Drop(Numbered) returns (google.protobuf.Empty) {
    option (google.api.http) = {delete: "/tiny/{id}"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
    option (lyceum.v1.if_match) = true;
  }
  rpc Count(Plain) returns (Thing) {
    option (google.api.http) = {get: "/tiny/{id}"};
    option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE;
  }
}
message Thing { int64 id = 1; }
message Named { string name = 1; }
message Numbered { int64 id = 1 [(buf.validate.field).int64.gt = 0]; }
message Plain { int64 id = 1; }
`;

describe("the outcomes of a method", () => {
  let contract: Contract;

  before(() => {
    contract = loadContract(protoDirectory, new Map([["tiny/v1/tiny.proto", tiny]]));
  });

  const method = (name: string): Method => contract.methods.find((one) => one.name === name)!;
  const reasons = (name: string): string[] => reasonsOf(contract, method(name)).map(({ reason }) => reason);

  it("have the success 200, 201 when it creates a resource, and 204 when its response is empty", () => {
    expect(["Look", "Make", "Drop"].map((name) => successOf(method(name)))).to.deep.equal([200, 201, 204]);
  });

  it("have reasons of logins, bodies, rules and the database only for methods that have them", () => {
    expect(reasons("Look")).to.deep.equal([
      "MALFORMED_REQUEST",
      "NOT_ACCEPTABLE",
      "PRECONDITION_FAILED",
      "RATE_LIMITED",
      "INTERNAL",
      "SHUTTING_DOWN",
      "OVERLOADED",
    ]);
  });

  it("have the refusals of a body, of a role and of guessing", () => {
    expect(reasons("Make")).to.include.members([
      "UNAUTHENTICATED",
      "INVALID_TOKEN",
      "PERMISSION_DENIED",
      "REQUEST_TIMEOUT",
      "BODY_TOO_LARGE",
      "UNSUPPORTED_MEDIA_TYPE",
      "INVALID_FIELDS",
      "RATE_LIMITED",
      "DATABASE_UNAVAILABLE",
    ]);
  });

  it("have PRECONDITION_FAILED on every method: one that does not evaluate If-Match refuses it", () => {
    for (const name of ["Drop", "Count", "Make"]) expect(reasons(name), name).to.include("PRECONDITION_FAILED");
  });

  it("have INVALID_FIELDS only where a value can break a rule", () => {
    expect(reasons("Drop")).to.include("INVALID_FIELDS");
    expect(reasons("Make"), "a text may hold NUL").to.include("INVALID_FIELDS");
    expect(reasons("Count")).to.not.include("INVALID_FIELDS");
  });

  it("are grouped by status, the lowest first, with the reasons that the method declares", () => {
    const statuses = statusesOf(contract, method("Make"));
    expect([...statuses.keys()]).to.deep.equal([400, 401, 403, 406, 408, 409, 412, 413, 415, 422, 429, 500, 503]);
    expect(statuses.get(409)!.map(({ reason }) => reason)).to.deep.equal([
      "EMAIL_TAKEN",
      "LAST_OWNER",
      "IDEMPOTENCY_IN_PROGRESS",
    ]);
  });

  it("are in proto/ROUTES.txt on one line for each method", () => {
    const lines = routesFile(contract).split("\n");
    const routes = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(routes).to.have.length(contract.methods.length);
    const make = routes.find((line) => line.includes("tiny.v1.TinyService.Make"));
    expect(make!.split(/ {2,}/)).to.deep.equal([
      "POST",
      "/tiny",
      "tiny.v1.TinyService.Make",
      "TEACHER",
      "NONE",
      "201",
      "LAST_OWNER EMAIL_TAKEN",
    ]);
  });
});
