// Values of a wrong type: the server's decoders refuse all of them as malformed, with their field.
import { fromJson, type DescField, type JsonValue } from "@bufbuild/protobuf";
import { expect } from "chai";
import type { Descriptors } from "../../../runner/client/descriptors.js";
import { mistyped, mistypedQuery } from "../../../runner/values/mistyped.js";
import { validValue } from "../../../runner/values/valid.js";
import { binder } from "../../../src/contract/bind.js";
import { codecs, defaults } from "../../../src/contract/codecs/codec.js";
import { refusal } from "../../engine/codecs/kinds.js";
import { allDescriptors, contract, runnerType, serverType, typeNames } from "./values-contract.js";

let descriptors: Descriptors;

function fieldsOf(name: string): readonly DescField[] {
  return runnerType(descriptors, name).fields;
}

describe("values of a wrong type", () => {
  before(async () => {
    descriptors = await allDescriptors();
  });

  for (const name of typeNames) {
    it(`${name}: are refused by both JSON codecs`, () => {
      const base = validValue(descriptors, runnerType(descriptors, name));
      for (const field of fieldsOf(name)) {
        const found = mistyped(field);
        expect(found).to.have.length.above(4);
        expect(new Set(found.map(({ name }) => name)).size).to.equal(found.length);
        for (const { name: what, json, field: at } of found) {
          const body = Buffer.from(JSON.stringify({ ...base, [field.name]: json }));
          for (const codec of ["json", "protojson"] as const) {
            const fault = refusal(() => codecs[codec].reader(serverType(name))(body));
            if (at === undefined)
              expect(fault.field, `${field.name}: ${what}`).to.match(new RegExp(`^${field.name}\\[`));
            else expect(fault.field, `${field.name}: ${what}`).to.equal(at);
          }
        }
      }
    });

    it(`${name}: are refused in queries and paths`, () => {
      const request = serverType(name);
      const [method] = contract.methods;
      const inQuery = binder({ ...method!, request, pathFields: [], hasBody: false });
      for (const field of fieldsOf(name)) {
        const inPath = binder({ ...method!, request, pathFields: [field.name], hasBody: true });
        for (const { name: what, text } of mistypedQuery(field)) {
          const query = `${field.name}=${encodeURIComponent(text)}`;
          const fault = refusal(() => inQuery(defaults(request), [], query));
          expect(fault.field, what).to.equal(field.fieldKind === "list" ? `${field.name}[0]` : field.name);
          if (field.fieldKind !== "list")
            expect(refusal(() => inPath(defaults(request), [text], "")).field, what).to.equal(field.name);
        }
      }
    });
  }

  it("are refused by @bufbuild/protobuf too, with known exceptions", () => {
    // It accepts numbers in JavaScript syntax, 64 bits beyond 2^53, timestamps that are not in the calendar, and truncated
    // base64.
    const known = /"(A|AAAAA|A===)"|"( 1|1 |0x1|\+1|01)"|9007199254740992|-02-(29|30)T|T24:00/;
    const type = runnerType(descriptors, "lyceum.test.kinds.v1.Kinds");
    for (const field of type.fields) {
      for (const { name, json } of mistyped(field)) {
        if (known.test(name)) continue;
        const read = (): unknown => fromJson(type, { [field.name]: json } as JsonValue);
        expect(read, `${field.name}: ${name}`).to.throw();
      }
    }
  });

  it("do not exist for strings in a query, and for fields that a query cannot have", () => {
    const type = runnerType(descriptors, "lyceum.test.kinds.v1.Kinds");
    for (const name of ["a_string", "a_kinds", "int64_by_string", "chosen_string"]) {
      expect(mistypedQuery(type.fields.find((field) => field.name === name)!), name).to.deep.equal([]);
    }
  });
});
