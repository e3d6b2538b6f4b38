// Names of a contract that an object has already in JavaScript: in JSON, of a oneof, of an enum's value. A field with such a
// name is refused; see load.test.ts.
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { binder } from "../../../src/contract/bind.js";
import { codecs, defaults, type CodecName } from "../../../src/contract/codecs/codec.js";
import { loadContract } from "../../../src/contract/model/load.js";
import { validator } from "../../../src/contract/validation/validate.js";

const tiny = `syntax = "proto3"; package tiny.v1;
  import "google/api/annotations.proto"; import "lyceum/v1/options.proto"; import "buf/validate/validate.proto";
  enum Word { constructor = 0; toString = 1; valueOf = 2; }
  message Asked {
    string to_string = 1 [(buf.validate.field).required = true];
    optional string value_of = 2 [(buf.validate.field).string.max_len = 5];
    repeated int64 has_own_property = 3;
    Word to_locale_string = 4 [(buf.validate.field).enum.in = 1];
    oneof constructor { string is_prototype_of = 5; Word property_is_enumerable = 6; }
    map<string, Word> words = 7;
    optional int64 proto = 8 [json_name = "__proto__"];
  }
  service TinyService { rpc Look(Asked) returns (Asked) {
    option (google.api.http) = {post: "/tiny" body: "*"}; option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE; }
    rpc Find(Found) returns (Asked) {
    option (google.api.http) = {get: "/tiny/{to_string}"}; option (lyceum.v1.access) = ACCESS_USER; option (lyceum.v1.scope) = SCOPE_NONE; } }
  message Found { string to_string = 1; Word value_of = 2; oneof toString { string has_own_property = 3; string b = 4; } }`;

describe("a name that every object has", () => {
  const { root, methods } = loadContract(
    fileURLToPath(new URL("../../../proto", import.meta.url)),
    new Map([["tiny.proto", tiny]]),
  );
  const Asked = root.lookupType("tiny.v1.Asked");
  const validate = validator(Asked);

  for (const name of Object.keys(codecs) as CodecName[]) {
    it(`is read and written in ${name}, where the field has it in JSON alone`, () => {
      const request = {
        ...defaults(Asked),
        to_string: "a",
        has_own_property: [1, 2],
        to_locale_string: "toString",
        property_is_enumerable: "valueOf",
        proto: 8,
        words: Object.assign(Object.create(null), JSON.parse('{"__proto__":"toString","constructor":"valueOf"}')),
      };
      const read = codecs[name].reader(Asked)(codecs[name].writer(Asked)(request));
      expect(read).to.deep.equal(request);
      expect(() => validate(read)).not.to.throw();
    });

    it(`is absent in ${name} where it is not set`, () => {
      const read = codecs[name].reader(Asked)(codecs[name].writer(Asked)({}));
      expect(read).to.deep.equal(defaults(Asked));
      expect(Object.keys(read)).not.to.include.members(["value_of", "is_prototype_of", "proto"]);
      expect(() => validate(read)).to.throw("to_string is required, and 1 more");
    });
  }

  it("is bound from a path and a query", () => {
    const method = methods.find(({ name }) => name === "Find")!;
    const request = defaults(method.request);
    binder(method)(request, ["a"], "valueOf=toString&hasOwnProperty=c");
    expect(request).to.deep.equal({ to_string: "a", value_of: "toString", has_own_property: "c" });
  });
});
