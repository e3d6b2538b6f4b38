// What can happen to library.proto, and what the golden files then say to whom.

export const clients = { json: "the web", protojson: "the robot", protobuf: "the lift" };
const all = "released versions of the web, the robot and the lift";
export const jsons = "released versions of the web and the robot";
const web = "released versions of the web";
export const robot = "released versions of the robot";
export const lift = "released versions of the lift";

/** What changed, from which text to which, and all that is said of it. */
type Change = readonly [what: string, from: string, to: string, ...sentences: string[]];

/** Each way to break a released client. */
export const breaks: readonly Change[] = [
  [
    "a field that is removed",
    "  string label = 2;\n",
    "",
    `Shelf.label (field 2) is gone: ${jsons} send and read \`label\`, which is no longer known; what ${lift} write for it is lost`,
  ],
  [
    "a removed field that ProtoJSON spells in its own way",
    "  bool is_full = 11;\n",
    "",
    `Shelf.is_full (field 11) is gone: ${web} send and read \`is_full\`, which is no longer known; ` +
      `${robot} send and read \`isFull\`, which is no longer known; what ${lift} write for it is lost`,
  ],
  [
    "a field with another name",
    "string label = 2;",
    "string name = 2;",
    `Shelf.label (field 2) is now called name: ${jsons} send and read \`label\`, which is no longer known; ${lift} do not notice`,
  ],
  [
    "another name in a message that others hold, once",
    "string title = 1;",
    "string name = 1;",
    `Book.title (field 1) is now called name: ${jsons} send and read \`title\`, which is no longer known; ${lift} do not notice`,
  ],
  [
    "a field with another name in ProtoJSON alone",
    "string label = 2;",
    'string label = 2 [json_name = "name"];',
    `Shelf.label (field 2) goes over the wire otherwise: ${robot} read {"label":"Shelf 2 ж€😀 813"} and are now answered with ` +
      `{"name":"Shelf 2 ж€😀 813"}; released versions of the web and the lift do not notice`,
  ],
  [
    "a field with another number",
    "string label = 2;",
    "string label = 99;",
    `Shelf.label (field 2) is now field 99: what ${lift} write for it is lost; ${jsons} do not notice`,
  ],
  [
    "a number that another field has now",
    "string label = 2;",
    "string label = 99;\n  string note = 2;",
    `Shelf.label (field 2) is now field 99: what ${lift} write for it is taken for note; ${jsons} do not notice`,
  ],
  [
    "int64 that is int32 now",
    "int64 id = 1;",
    "int32 id = 1;",
    `Shelf.id (field 1) is int32, was int64: ${web} are refused when they send {"id":-1101137700206}; ` +
      `${robot} are refused when they send {"id":"-1101137700206"}; ` +
      `what ${lift} write as -1101137700206 is read as -1626072430`,
  ],
  [
    "int32 that is int64 now",
    "optional int32 page_count",
    "optional int64 page_count",
    `Book.page_count (field 2) is optional int64, was optional int32: ${robot} read {"pageCount":-5896} and are now ` +
      `answered with {"pageCount":"-5896"}; released versions of the web and the lift do not notice`,
  ],
  [
    "a text that is a message now",
    "string label = 2;",
    "Book label = 2;",
    `Shelf.label (field 2) is Book, was string: ${jsons} are refused when they send {"label":"Shelf 2 ж€😀 813"}; ` +
      `${lift} are refused when they send "Shelf 2 ж€😀 813"`,
  ],
  [
    "a text that is a number now",
    "string label = 2;",
    "sint32 label = 2;",
    `Shelf.label (field 2) is sint32, was string: ${jsons} are refused when they send {"label":"Shelf 2 ж€😀 813"}; ` +
      `what ${lift} write for it is lost`,
  ],
  [
    "an enum that is a number now, which bytes do not tell apart",
    "Wood wood = 4;",
    "int32 wood = 4;",
    `Shelf.wood (field 4) is int32, was Wood: ${jsons} are refused when they send {"wood":"WOOD_OAK"}; ${lift} do not notice`,
  ],
  [
    "a timestamp that is a text now, which JSON does not tell apart",
    "google.protobuf.Timestamp built_at",
    "string built_at",
    `Shelf.built_at (field 10) is string, was Timestamp: ${lift} are refused when they send "2009-02-13T11:42:50.699Z"; ` +
      `${jsons} do not notice`,
  ],
  [
    "another sign",
    "sint32 floor",
    "int32 floor",
    `Shelf.floor (field 14) is int32, was sint32: what ${lift} write as -5758 is read as 11515; ${jsons} do not notice`,
  ],
  [
    "a field that was optional",
    "optional string motto",
    "string motto",
    `Shelf.motto (field 3) is string, was optional string: what ${all} set to its default on purpose is taken for not set`,
  ],
  [
    "a field that is optional now",
    "string label = 2",
    "optional string label = 2",
    `Shelf.label (field 2) is optional string, was string: ${web} find it in every answer, and miss it now where it is ` +
      `not set; released versions of the robot and the lift do not notice`,
  ],
  [
    "a field that came into a oneof",
    "optional string motto = 3;",
    "oneof mottos {\n    string motto = 3;\n  }",
    `Shelf.motto (field 3) is string in oneof mottos, was optional string: ${all} set it beside its neighbours, ` +
      `and only one of them is kept now`,
  ],
  [
    "a single value that is a list now",
    "string label = 2",
    "repeated string label = 2",
    `Shelf.label (field 2) is repeated string, was string: ${jsons} are refused when they send {"label":"Shelf 2 ж€😀 813"}; ` +
      `what ${lift} write as "Shelf 2 ж€😀 813" is read as ["Shelf 2 ж€😀 813"]`,
  ],
  [
    "a list that is a single value now",
    "repeated bool flags",
    "bool flags",
    `Shelf.flags (field 23) is bool, was repeated bool: ${jsons} are refused when they send {"flags":[true,true]}; ` +
      `what ${lift} write for it is lost`,
  ],
  [
    "a list of numbers that is written otherwise",
    "repeated uint32 years = 7;",
    "repeated uint32 years = 7 [packed = false];",
    `Shelf.years (field 7) goes over the wire otherwise: ${lift} read 3a0aa69a94f30bf4fde7f30e and are now answered ` +
      `with 38a69a94f30b38f4fde7f30e; ${jsons} do not notice`,
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
    `Wood.WOOD_OAK (1) is now called WOOD_BEECH: ${jsons} send and read \`WOOD_OAK\`, which is no longer known; ` +
      `${lift} do not notice`,
  ],
  [
    "a name of an enum with another number",
    "WOOD_PINE = 2",
    "WOOD_PINE = 3",
    `Wood.WOOD_PINE is now 3, was 2: ${lift} are refused when they send 2; ${jsons} do not notice`,
  ],
  [
    "names of an enum that changed places",
    "WOOD_OAK = 1;\n  WOOD_PINE = 2;",
    "WOOD_OAK = 2;\n  WOOD_PINE = 1;",
    `Wood.WOOD_OAK is now 2, was 1: what ${lift} write for it is taken for WOOD_PINE; ${jsons} do not notice`,
    `Wood.WOOD_PINE is now 1, was 2: what ${lift} write for it is taken for WOOD_OAK; ${jsons} do not notice`,
  ],
  [
    "a name of an enum that is removed",
    "  WOOD_PINE = 2;\n",
    "",
    `Wood.WOOD_PINE (2) is gone: ${jsons} send and read \`WOOD_PINE\`, which is no longer known; ` +
      `${lift} are refused when they send 2`,
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
    `createShelf now answers 200, was 201: ${all} wait for 201`,
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
    "another circle of those who may call",
    "ACCESS_USER; // narrow",
    "ACCESS_KEEPER;",
    `deleteShelf is now for ACCESS_KEEPER, was for ACCESS_USER: whom ${all} call it for may be refused`,
  ],
  [
    "a method that is removed",
    '  rpc DeleteShelf(GetShelfRequest) returns (google.protobuf.Empty) {\n    option (google.api.http) = {delete: "/v1/shelves/{shelf_id}"};\n    option (access) = ACCESS_USER; // narrow\n  }\n',
    "",
    `DELETE /v1/shelves/{shelf_id} (deleteShelf) is gone: ${all} still call it, and get a 404`,
  ],
];

/** Each way to change that breaks nobody, and what the golden files do not show of it yet. */
export const additions: readonly Change[] = [
  ["a field", "  string label = 2;\n", "  string label = 2;\n  string note = 99;\n", "Shelf.note (field 99)"],
  ["a member of a oneof", "oneof place {\n", "oneof place {\n    string corner = 99;\n", "Shelf.corner (field 99)"],
  [
    "a field of a message that others hold",
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
    "getShelf is now readShelf, GET /v1/shelves/{shelf_id}, ACCESS_PUBLIC, which no released client notices; it",
  ],
  [
    "a login that is no longer needed",
    "ACCESS_USER; // narrow",
    "ACCESS_PUBLIC;",
    "deleteShelf is now deleteShelf, DELETE /v1/shelves/{shelf_id}, ACCESS_PUBLIC, which no released client notices; it",
  ],
  [
    "a type that means the same in every serialization",
    "uint64 weight",
    "int64 weight",
    "Shelf.weight (field 16) is int64, was uint64, which no released client notices; it",
  ],
  [
    "fields in another order in the file",
    "  string label = 2;\n  optional string motto = 3;\n",
    "  optional string motto = 3;\n  string label = 2;\n",
  ],
];
