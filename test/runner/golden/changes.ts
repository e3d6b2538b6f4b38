// Changes of library.proto, with the expected findings of the golden files.

export const clients = { json: "the web", protojson: "the robot", protobuf: "the lift" };
const all = "released versions of the web, the robot and the lift";
export const jsons = "released versions of the web and the robot";
const web = "released versions of the web";
export const robot = "released versions of the robot";
export const lift = "released versions of the lift";

/** A description, the old text, the new text, and the expected sentences. */
type Change = readonly [what: string, from: string, to: string, ...sentences: string[]];

/** Changes that break a released client. */
export const breaks: readonly Change[] = [
  [
    "a field that is removed",
    "  string label = 2;\n",
    "",
    `Shelf.label (field 2) is gone: ${jsons} send and read \`label\`, which is unknown now; the value that ${lift} send is lost`,
  ],
  [
    "a removed field with another name in ProtoJSON",
    "  bool is_full = 11;\n",
    "",
    `Shelf.is_full (field 11) is gone: ${web} send and read \`is_full\`, which is unknown now; ` +
      `${robot} send and read \`isFull\`, which is unknown now; the value that ${lift} send is lost`,
  ],
  [
    "a field with another name",
    "string label = 2;",
    "string name = 2;",
    `Shelf.label (field 2) is now called name: ${jsons} send and read \`label\`, which is unknown now; ${lift} are not affected`,
  ],
  [
    "another name in a message that others contain, reported once",
    "string title = 1;",
    "string name = 1;",
    `Book.title (field 1) is now called name: ${jsons} send and read \`title\`, which is unknown now; ${lift} are not affected`,
  ],
  [
    "a field with another name in ProtoJSON alone",
    "string label = 2;",
    'string label = 2 [json_name = "name"];',
    `Shelf.label (field 2) is encoded differently: ${robot} read {"label":"Shelf 2 ж€😀 813"} and are now sent ` +
      `{"name":"Shelf 2 ж€😀 813"}; released versions of the web and the lift are not affected`,
  ],
  [
    "a field with another number",
    "string label = 2;",
    "string label = 99;",
    `Shelf.label (field 2) is now field 99: the value that ${lift} send is lost; ${jsons} are not affected`,
  ],
  [
    "a number that another field has now",
    "string label = 2;",
    "string label = 99;\n  string note = 2;",
    `Shelf.label (field 2) is now field 99: the value that ${lift} send is read as note; ${jsons} are not affected`,
  ],
  [
    "int64 that is int32 now",
    "int64 id = 1;",
    "int32 id = 1;",
    `Shelf.id (field 1) is int32, was int64: requests of ${web} with {"id":-1101137700206} are refused; ` +
      `requests of ${robot} with {"id":"-1101137700206"} are refused; ` +
      `-1101137700206 of ${lift} is read as -1626072430`,
  ],
  [
    "int32 that is int64 now",
    "optional int32 page_count",
    "optional int64 page_count",
    `Book.page_count (field 2) is optional int64, was optional int32: ${robot} read {"pageCount":-5896} and are now ` +
      `sent {"pageCount":"-5896"}; released versions of the web and the lift are not affected`,
  ],
  [
    "a string that is a message now",
    "string label = 2;",
    "Book label = 2;",
    `Shelf.label (field 2) is Book, was string: requests of ${jsons} with {"label":"Shelf 2 ж€😀 813"} are refused; ` +
      `requests of ${lift} with "Shelf 2 ж€😀 813" are refused`,
  ],
  [
    "a string that is a number now",
    "string label = 2;",
    "sint32 label = 2;",
    `Shelf.label (field 2) is sint32, was string: requests of ${jsons} with {"label":"Shelf 2 ж€😀 813"} are refused; ` +
      `the value that ${lift} send is lost`,
  ],
  [
    "an enum that is a number now, which protobuf does not distinguish",
    "Wood wood = 4;",
    "int32 wood = 4;",
    `Shelf.wood (field 4) is int32, was Wood: requests of ${jsons} with {"wood":"WOOD_OAK"} are refused; ${lift} are not affected`,
  ],
  [
    "a timestamp that is a string now, which JSON does not distinguish",
    "google.protobuf.Timestamp built_at",
    "string built_at",
    `Shelf.built_at (field 10) is string, was Timestamp: requests of ${lift} with "2009-02-13T11:42:50.699Z" are refused; ` +
      `${jsons} are not affected`,
  ],
  [
    "another sign",
    "sint32 floor",
    "int32 floor",
    `Shelf.floor (field 14) is int32, was sint32: -5758 of ${lift} is read as 11515; ${jsons} are not affected`,
  ],
  [
    "a field that was optional",
    "optional string motto",
    "string motto",
    `Shelf.motto (field 3) is string, was optional string: an explicit default value of ${all} is read as not set`,
  ],
  [
    "a field that is optional now",
    "string label = 2",
    "optional string label = 2",
    `Shelf.label (field 2) is optional string, was string: ${web} expect it in every answer, and it is now absent where it is ` +
      `not set; released versions of the robot and the lift are not affected`,
  ],
  [
    "a field that came into a oneof",
    "optional string motto = 3;",
    "oneof mottos {\n    string motto = 3;\n  }",
    `Shelf.motto (field 3) is string in oneof mottos, was optional string: ${all} set it together with other members, ` +
      `and only one of them is kept now`,
  ],
  [
    "a single value that is a list now",
    "string label = 2",
    "repeated string label = 2",
    `Shelf.label (field 2) is repeated string, was string: requests of ${jsons} with {"label":"Shelf 2 ж€😀 813"} are refused; ` +
      `"Shelf 2 ж€😀 813" of ${lift} is read as ["Shelf 2 ж€😀 813"]`,
  ],
  [
    "a list that is a single value now",
    "repeated bool flags",
    "bool flags",
    `Shelf.flags (field 23) is bool, was repeated bool: requests of ${jsons} with {"flags":[true,true]} are refused; ` +
      `the value that ${lift} send is lost`,
  ],
  [
    "a list of numbers that is no longer packed",
    "repeated uint32 years = 7;",
    "repeated uint32 years = 7 [packed = false];",
    `Shelf.years (field 7) is encoded differently: ${lift} read 3a0aa69a94f30bf4fde7f30e and are now ` +
      `sent 38a69a94f30b38f4fde7f30e; ${jsons} are not affected`,
  ],
  [
    "a message that is gone",
    "GetShelfRequest",
    "FindShelfRequest",
    `deleteShelf now takes FindShelfRequest, was GetShelfRequest: ${all} send the latter`,
    `getShelf now takes FindShelfRequest, was GetShelfRequest: ${all} send the latter`,
    `GetShelfRequest is gone: ${all} still send or read it`,
  ],
  ["an enum that is gone", "Mood", "Humour", `Mood is gone: ${all} still send or read it`],
  [
    "a name of an enum that is another",
    "WOOD_OAK = 1",
    "WOOD_BEECH = 1",
    `Wood.WOOD_OAK (1) is now called WOOD_BEECH: ${jsons} send and read \`WOOD_OAK\`, which is unknown now; ` +
      `${lift} are not affected`,
  ],
  [
    "a name of an enum with another number",
    "WOOD_PINE = 2",
    "WOOD_PINE = 3",
    `Wood.WOOD_PINE is now 3, was 2: requests of ${lift} with 2 are refused; ${jsons} are not affected`,
  ],
  [
    "names of an enum that were exchanged",
    "WOOD_OAK = 1;\n  WOOD_PINE = 2;",
    "WOOD_OAK = 2;\n  WOOD_PINE = 1;",
    `Wood.WOOD_OAK is now 2, was 1: the value that ${lift} send is read as WOOD_PINE; ${jsons} are not affected`,
    `Wood.WOOD_PINE is now 1, was 2: the value that ${lift} send is read as WOOD_OAK; ${jsons} are not affected`,
  ],
  [
    "a name of an enum that is removed",
    "  WOOD_PINE = 2;\n",
    "",
    `Wood.WOOD_PINE (2) is gone: ${jsons} send and read \`WOOD_PINE\`, which is unknown now; ` +
      `requests of ${lift} with 2 are refused`,
  ],
  [
    "a route that moved",
    'get: "/v1/shelves/{shelf_id}"',
    'get: "/v2/shelves/{shelf_id}"',
    `getShelf is now GET /v2/shelves/{shelf_id}: ${all} still call GET /v1/shelves/{shelf_id}`,
  ],
  [
    "another verb",
    'post: "/v1/shelves"',
    'put: "/v1/shelves"',
    `createShelf is now PUT /v1/shelves: ${all} still call POST /v1/shelves`,
  ],
  [
    "another status of success",
    '    option (created) = "/v1/shelves/{id}";\n',
    "",
    `createShelf now answers 200, was 201: ${all} expect 201`,
  ],
  [
    "another answer",
    "CreateShelf(Shelf) returns (Shelf)",
    "CreateShelf(Shelf) returns (Book)",
    `createShelf now answers with Book, was Shelf: ${all} read the latter`,
  ],
  [
    "a login that is needed now",
    "ACCESS_PUBLIC;\n  }",
    "ACCESS_USER;\n  }",
    `getShelf is now for ACCESS_USER, was for ACCESS_PUBLIC: ${all} call it without a login, and get a 401`,
  ],
  [
    "another access",
    "ACCESS_USER; // narrow",
    "ACCESS_KEEPER;",
    `deleteShelf is now for ACCESS_KEEPER, was for ACCESS_USER: some callers of ${all} may be refused`,
  ],
  [
    "a method that is removed",
    '  rpc DeleteShelf(GetShelfRequest) returns (google.protobuf.Empty) {\n    option (google.api.http) = {delete: "/v1/shelves/{shelf_id}"};\n    option (access) = ACCESS_USER; // narrow\n  }\n',
    "",
    `DELETE /v1/shelves/{shelf_id} (deleteShelf) is gone: ${all} still call it, and get a 404`,
  ],
];

/** Compatible changes, with what the golden files do not contain of them. */
export const additions: readonly Change[] = [
  ["a field", "  string label = 2;\n", "  string label = 2;\n  string note = 99;\n", "Shelf.note (field 99)"],
  ["a member of a oneof", "oneof place {\n", "oneof place {\n    string corner = 99;\n", "Shelf.corner (field 99)"],
  [
    "a field of a message that others contain",
    "string title = 1;",
    "string title = 1;\n  string author = 3;",
    "Book.author (field 3)",
  ],
  ["a name of an enum", "WOOD_PINE = 2;", "WOOD_PINE = 2;\n  WOOD_ASH = 3;", "Wood.WOOD_ASH (3)"],
  ["a message", "message Problem {", "message Page {}\n\nmessage Problem {", "Page"],
  ["an enum", "message Problem {", "enum Size {\n  SIZE_UNSPECIFIED = 0;\n}\n\nmessage Problem {", "Size"],
  [
    "a method",
    "  rpc GetShelf(",
    '  rpc FindShelf(GetShelfRequest) returns (Shelf) {\n    option (google.api.http) = {get: "/v1/found"};\n  }\n  rpc GetShelf(',
    "findShelf (GET /v1/found)",
  ],
  [
    "a method with another name on the same route",
    "rpc GetShelf(",
    "rpc ReadShelf(",
    "getShelf is now readShelf, GET /v1/shelves/{shelf_id}, ACCESS_PUBLIC, without an effect on released clients; it",
  ],
  [
    "a login that is no longer needed",
    "ACCESS_USER; // narrow",
    "ACCESS_PUBLIC;",
    "deleteShelf is now deleteShelf, DELETE /v1/shelves/{shelf_id}, ACCESS_PUBLIC, without an effect on released clients; it",
  ],
  [
    "a type that means the same in every serialization",
    "uint64 weight",
    "int64 weight",
    "Shelf.weight (field 16) is int64, was uint64, without an effect on released clients; it",
  ],
  [
    "fields in another order in the file",
    "  string label = 2;\n  optional string motto = 3;\n",
    "  optional string motto = 3;\n  string label = 2;\n",
  ],
];
