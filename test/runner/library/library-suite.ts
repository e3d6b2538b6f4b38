// What the runner is told about the library: one file of cases, and no case of `countShelves`.
import type { CaseFile } from "../../../runner/cases/case.js";
import type { Suite } from "../../../runner/suite.js";
import { suite as ours } from "../../../suite/suite.js";

const shelves: CaseFile = {
  subject: "shelves",
  actors: ["anna", "keeper"],
  given: [
    {
      call: "createShelf",
      as: "keeper",
      send: { label: "Poetry ${case}", wood: "WOOD_OAK" },
      answers: 201,
      capture: { shelf: "id" },
    },
  ],
  cases: {
    enter: { "makes a reader": { send: { name: "Nora" }, answers: 201, with: { name: "Nora" } } },
    getReader: { "says who calls": { as: "anna", exactly: { id: "$anna", name: "anna", pass: "" } } },
    leave: {
      "gives the pass back, which is worth nothing any more": {
        steps: [
          { call: "enter", send: { name: "Guest" }, answers: 201, capture: { pass: "pass" } },
          { token: "$pass", answers: 204 },
          { token: "$pass", answers: "INVALID_TOKEN" },
        ],
      },
    },
    createShelf: {
      "puts one up for a keeper": {
        as: "keeper",
        send: { label: "  Maps ", wood: "WOOD_PINE" },
        answers: 201,
        with: { label: "Maps", wood: "WOOD_PINE", version: 1, books: [] },
      },
      "is not for readers": {
        as: "anna",
        send: { label: "Maps", wood: "WOOD_PINE" },
        answers: "PERMISSION_DENIED",
      },
    },
    getShelf: {
      "shows it to anyone": { send: { shelf_id: "$shelf" }, with: { id: "$shelf", label: "Poetry ${case}" } },
      "says so when there is none": { send: { shelf_id: 999_999_999 }, answers: "SHELF_NOT_FOUND" },
    },
    updateShelf: {
      "writes another label on it": {
        as: "keeper",
        send: { shelf_id: "$shelf", label: "Prose" },
        with: { id: "$shelf", label: "Prose", version: 2 },
      },
    },
    deleteShelf: {
      "takes it down": {
        steps: [
          { as: "keeper", send: { shelf_id: "$shelf" }, answers: 204 },
          { call: "getShelf", send: { shelf_id: "$shelf" }, answers: "SHELF_NOT_FOUND" },
        ],
      },
    },
    addBook: {
      "puts one on the shelf": {
        steps: [
          {
            as: "anna",
            send: { shelf_id: "$shelf", title: "Odes", isbn: "9780261103573", tags: ["old"] },
            answers: 201,
            capture: { book: "id" },
          },
          { call: "getShelf", send: { shelf_id: "$shelf" }, with: { books: [{ id: "$book", title: "Odes" }] } },
        ],
      },
      "of a number that is none is refused": {
        as: "anna",
        send: { shelf_id: "$shelf", title: "Odes", isbn: "978" },
        violates: { field: "isbn", rule: "string.pattern" },
      },
    },
  },
};

/** The suite; where its descriptor set and its golden files are is the test's affair. */
export function librarySuite(descriptorSet: URL, golden: URL): Suite {
  return {
    descriptorSet,
    golden,
    files: [shelves],
    enrolment: {
      enrol: [{ call: "enter", send: { name: "${name}" }, answers: 201, capture: { id: "id", token: "pass" } }],
      logIn: [{ call: "getReader", token: "$token", capture: { id: "id" } }],
      appointed: ["keeper", "director"],
      undo: {
        enter: [{ call: "leave", token: "$pass" }],
        createShelf: [{ call: "deleteShelf", token: "$token", send: { shelf_id: "$id" } }],
      },
      ranks: [
        { access: "ACCESS_PUBLIC", actor: "" },
        { access: "ACCESS_USER", actor: "anna" },
        { access: "ACCESS_TEACHER", actor: "keeper" },
        { access: "ACCESS_SUPER_ADMIN", actor: "director" },
      ],
      volatile: ["request_id", "pass"],
    },
    negotiation: ours.negotiation,
    clients: { json: "the catalogue", protojson: "the archive", protobuf: "the scanner" },
    bodyLimit: 16 * 1024,
    documents: { openApi: "/openapi.json", descriptorSet: "/descriptor.binpb" },
  };
}
