// If-Match and If-None-Match on every kind of method, over a real port, with a contract that has one of each.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { exchange, type RawAnswer } from "../../../runner/client/exchange.js";
import { Precondition } from "../../../src/contract/http/preconditions.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { eventStreams } from "../../../src/doors/event-stream.js";
import { readForm } from "../../../src/doors/form.js";
import { readContentDisposition } from "../../../src/platform/media/content-disposition.js";
import { readParameters } from "../../../src/doors/url-encoded-form.js";
import { ApiError } from "../../../src/errors.js";
import { engineServer, type EngineServer } from "../../support/engine-server.js";

const rpc = (name: string, route: string, answer = "Thing", options = ""): string =>
  `rpc ${name}(Numbered) returns (${answer}) {
    option (google.api.http) = {${route}};
    option (lyceum.v1.access) = ACCESS_PUBLIC;
    ${options}
  }`;

const tiny = `
syntax = "proto3";
package tiny.v1;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/empty.proto";
import "lyceum/v1/options.proto";
service TinyService {
  ${rpc("Look", 'get: "/things/{id}"', "Thing", 'option (lyceum.v1.etag) = "version";')}
  ${rpc("Change", 'patch: "/things/{id}" body: "*"', "Thing", "option (lyceum.v1.if_match) = true;")}
  ${rpc("Drop", 'delete: "/things/{id}"', "google.protobuf.Empty", "option (lyceum.v1.if_match) = true;")}
  ${rpc("Replace", 'put: "/things/{id}" body: "*"')}
  ${rpc("List", 'get: "/things"')}
  ${rpc("Make", 'post: "/things" body: "*"')}
  ${rpc("Act", 'post: "/acts" body: "*"')}
  ${rpc("Rename", 'patch: "/names/{id}" body: "*"')}
  ${rpc("Show", 'get: "/pictures/{id}"', "google.api.HttpBody", 'option (lyceum.v1.produces) = "text/plain";')}
  ${rpc("Hide", 'delete: "/pictures/{id}"', "google.protobuf.Empty")}
  ${rpc("Watch", 'get: "/news"', "stream Thing")}
}
message Numbered { int64 id = 1; }
message Thing { int64 id = 1; int64 version = 2; }
`;

/** The most that a header may have. */
const longest = 8192;

describe("preconditions", () => {
  const contract = loadContract(
    fileURLToPath(new URL("../../../proto", import.meta.url)),
    new Map([["tiny/v1/tiny.proto", tiny]]),
  );
  const methods = contract.methods.filter(({ service }) => service === "tiny.v1.TinyService");
  let server: EngineServer;
  /** The methods whose handler ran, with the precondition that it got. */
  let handled: { name: string; precondition: Precondition }[];

  before(async () => {
    server = await engineServer(contract, {
      bodyLimit: 1024,
      admit: (_scope, caller) => caller,
      authenticate: () => "",
      around: [],
      handle: async ({ method: { name }, request, precondition }) => {
        handled.push({ name, precondition });
        if (request["id"] === 404) throw new ApiError("CHAT_NOT_FOUND", "There is no such thing");
        if (name === "Watch") return (async function* () {})();
        return { id: 7, version: 3, content_type: "text/plain", data: Buffer.from("a picture") };
      },
      doors: {
        readForm,
        readDisposition: readContentDisposition,
        readParameters,
        writeStream: eventStreams({ closing: new AbortController().signal }),
      },
      explain: (_ctx, error) => (error instanceof ApiError ? error : new ApiError("INTERNAL", String(error))),
    });
  });
  after(() => server.close());
  beforeEach(() => (handled = []));

  function send(name: string, headers: Readonly<Record<string, string>>, id = 7): Promise<RawAnswer> {
    const { verb, path, hasBody } = methods.find((method) => method.name === name)!;
    const type = hasBody ? { "Content-Type": "application/json" } : {};
    return exchange(server.url, {
      verb,
      path: path.replace("{id}", String(id)),
      headers: Object.entries({ ...type, ...headers }),
      ...(hasBody ? { body: "{}" } : {}),
    });
  }
  const changes = methods.filter(({ verb }) => verb !== "GET").map(({ name }) => name);
  const obedient = ["Change", "Drop"];

  /** The status, and whether the handler ran. */
  async function outcome(name: string, headers: Readonly<Record<string, string>>): Promise<string> {
    handled = [];
    const { status, body } = await send(name, headers);
    if (status === 412) expect(JSON.parse(body.toString())).to.include({ reason: "PRECONDITION_FAILED" });
    return `${status}${handled.length > 0 ? " after the handler" : ""}`;
  }

  describe("of a read", () => {
    const reads = { Look: "", Show: "" };
    before(async () => {
      for (const name of ["Look", "Show"] as const) reads[name] = (await send(name, {})).headers["etag"]!;
    });

    for (const name of ["Look", "Show"] as const) {
      it(`${name}: If-Match compares strongly with every tag of the list, and comes before If-None-Match`, async () => {
        const tag = reads[name];
        for (const [headers, status] of [
          [{ "If-Match": tag }, 200],
          [{ "If-Match": `"other", , "a,b" ,\t${tag}` }, 200],
          [{ "If-Match": "*" }, 200],
          [{ "If-Match": '"other"' }, 412],
          [{ "If-Match": `W/${tag}` }, 412],
          [{ "If-Match": tag.replace('"', '"x') }, 412],
          [{ "If-Match": "" }, 412],
          [{ "If-Match": '"other"', "If-None-Match": tag }, 412],
          [{ "If-Match": tag, "If-None-Match": tag }, 304],
          [{ "If-Match": tag, "If-None-Match": '"other"' }, 200],
        ] as const)
          expect((await send(name, headers)).status, JSON.stringify(headers)).to.equal(status);
      });

      it(`${name}: If-None-Match compares weakly with every tag of the list`, async () => {
        const tag = reads[name];
        const long = `${'"other-tag-of-many", '.repeat(300)}${tag}`;
        for (const [known, status] of [
          [tag, 304],
          [`W/${tag}`, 304],
          [`"other", W/"x" , ${tag}`, 304],
          [long, 304],
          ["*", 304],
          ['"other"', 200],
          ["", 200],
        ] as const)
          expect((await send(name, { "If-None-Match": known })).status, known).to.equal(status);
      });
    }

    it("without a tag, If-Match names nothing, and whoever has it is sent the answer", async () => {
      for (const name of ["List", "Watch"]) {
        expect(await outcome(name, { "If-Match": '"3.x-json"' }), name).to.match(/^412/);
        expect(await outcome(name, { "If-Match": "*" }), name).to.equal("200 after the handler");
        expect(await outcome(name, { "If-None-Match": '"3.x-json"' }), name).to.equal("200 after the handler");
      }
      expect(await outcome("Watch", { "If-Match": '"x"' }), "before a stream is opened").to.equal("412");
      expect(await outcome("List", { "If-None-Match": "*" })).to.equal("200 after the handler");
    });

    it("of what does not exist is 404", async () => {
      expect((await send("Look", { "If-Match": '"x"' }, 404)).status).to.equal(404);
      expect((await send("Look", { "If-None-Match": "*" }, 404)).status).to.equal(404);
    });
  });

  describe("of a change that evaluates none", () => {
    const refused = "412";
    const done = (name: string): string => (name === "Hide" ? "204" : "200") + " after the handler";

    it("are refused where the contract does not prove them, and nothing runs", async () => {
      const expected: Record<string, readonly string[]> = {
        //        If-Match: "x", *      If-None-Match: "x", *
        Replace: [refused, refused, refused, refused], // a GET of it has a tag, and it may be there or not
        Make: [refused, done(""), done(""), refused], // the list is there, and has no tag
        Act: [refused, refused, done(""), done("")], // nothing is there to be read
        Rename: [refused, done(""), done(""), refused], // succeeds only where something is
        Hide: [refused, done("Hide"), refused, refused],
      };
      expect(Object.keys(expected)).to.have.members(changes.filter((name) => !obedient.includes(name)));
      for (const [name, outcomes] of Object.entries(expected)) {
        const got = [];
        for (const header of ["If-Match", "If-None-Match"])
          for (const value of ['"x", "3.y-json"', "*"]) got.push(await outcome(name, { [header]: value }));
        expect(got, name).to.deep.equal(outcomes);
      }
    });

    it("are both to hold", async () => {
      expect(await outcome("Make", { "If-Match": "*", "If-None-Match": '"x"' })).to.equal("200 after the handler");
      expect(await outcome("Make", { "If-Match": "*", "If-None-Match": "*" })).to.equal("412");
      expect(await outcome("Make", { "If-Match": '"x"', "If-None-Match": '"x"' })).to.equal("412");
    });
  });

  it("are given to a change that evaluates them, as versions", async () => {
    for (const [headers, named, areExcluded] of [
      [{}, [], true],
      [{ "If-Match": "*" }, [], true],
      [{ "If-Match": '"3.abc-json"' }, [3], false],
      [{ "If-Match": 'W/"3.abc-json-gzip", "4.x-protobuf", "3.y"' }, [3, 4], false],
      [{ "If-Match": '"not-ours", "-1.x-json", "9999999999999999.x"' }, [], false],
      [{ "If-None-Match": "*" }, [], false],
      [{ "If-None-Match": 'W/"3.abc-json", "4.x"' }, [3, 4], true],
      [{ "If-None-Match": '"not-ours"' }, [], true],
      [{ "If-Match": '"3.x", "4.x"', "If-None-Match": '"4.y"' }, [3], false],
      [{ "If-Match": "*", "If-None-Match": '"4.y"' }, [4], true],
      [{ "If-Match": '"3.x"', "If-None-Match": "*" }, [], false],
    ] as const) {
      for (const name of obedient) {
        handled = [];
        await send(name, headers);
        expect(handled.at(-1)?.name).to.equal(name);
        const { versions } = handled[0]!.precondition;
        expect(versions, JSON.stringify(headers)).to.deep.equal({ named, areExcluded });
        for (const version of [3, 4, 5])
          expect(handled[0]!.precondition.permitsVersion(version)).to.equal(
            (named as readonly number[]).includes(version) !== areExcluded,
          );
      }
    }
  });

  it("that are no list of tags are 400 on every method, and nothing runs", async () => {
    for (const header of ["If-Match", "If-None-Match"]) {
      for (const value of [
        "3.abc",
        '"a',
        'a"',
        '"a" "b"',
        '"a";"b"',
        'w/"a"',
        'W/ "a"',
        'W/"a',
        '*, "a"',
        '"a", *',
        "**",
        '"a b"',
        `${'"a",'.repeat(longest / 4)}"b"`,
        `"${"a".repeat(longest)}"`,
        `${" ,".repeat(4000)}x`,
      ]) {
        const names = value.length > 1000 ? ["Look", "Drop", "Make"] : methods.map(({ name }) => name);
        for (const name of names) {
          handled = [];
          const { status, body } = await send(name, { [header]: value });
          expect(status, `${name} ${header}: ${value}`).to.equal(400);
          const problem = JSON.parse(body.toString()) as Record<string, unknown>;
          expect(problem).to.include({ reason: "MALFORMED_REQUEST" });
          expect(problem["detail"]).to.match(new RegExp(`^${header} (is neither|has more than 8192 characters)`));
          expect(handled).to.deep.equal([]);
        }
      }
    }
  });

  it("may have 8,192 characters", async () => {
    const longList = `${'"a",'.repeat(longest / 4 - 1)}"b"`;
    expect(longList).to.have.length(longest - 1);
    expect((await send("Look", { "If-None-Match": longList })).status).to.equal(200);
  });

  it("on a date are ignored, because nothing here has one", async () => {
    for (const name of ["Look", "Change", "Make"])
      for (const header of ["If-Modified-Since", "If-Unmodified-Since"])
        expect((await send(name, { [header]: "Mon, 01 Jan 2001 00:00:00 GMT" })).status, name).to.equal(200);
  });
});
