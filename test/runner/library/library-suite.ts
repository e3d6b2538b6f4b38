// The suite of the library: one file of cases, without a case of `countShelves`.
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
    enter: { "creates a reader": { send: { name: "Nora" }, answers: 201, with: { name: "Nora" } } },
    getReader: { "returns the caller": { as: "anna", exactly: { id: "$anna", name: "anna", pass: "" } } },
    leave: {
      "invalidates the pass": {
        steps: [
          { call: "enter", send: { name: "Guest" }, answers: 201, capture: { pass: "pass" } },
          { token: "$pass", answers: 204 },
          { token: "$pass", answers: "INVALID_TOKEN" },
        ],
      },
    },
    createShelf: {
      "creates a shelf for a keeper": {
        as: "keeper",
        send: { label: "  Maps ", wood: "WOOD_PINE" },
        answers: 201,
        with: { label: "Maps", wood: "WOOD_PINE", version: 1, books: [] },
      },
      "refuses a reader": {
        as: "anna",
        send: { label: "Maps", wood: "WOOD_PINE" },
        answers: "PERMISSION_DENIED",
      },
    },
    getShelf: {
      "returns a shelf without a login": {
        send: { shelf_id: "$shelf" },
        with: { id: "$shelf", label: "Poetry ${case}" },
      },
      "refuses an id that does not exist": { send: { shelf_id: 999_999_999 }, answers: "SHELF_NOT_FOUND" },
    },
    updateShelf: {
      "changes the label": {
        as: "keeper",
        send: { shelf_id: "$shelf", label: "Prose" },
        with: { id: "$shelf", label: "Prose", version: 2 },
      },
    },
    deleteShelf: {
      "deletes a shelf": {
        steps: [
          { as: "keeper", send: { shelf_id: "$shelf" }, answers: 204 },
          { call: "getShelf", send: { shelf_id: "$shelf" }, answers: "SHELF_NOT_FOUND" },
        ],
      },
    },
    addBook: {
      "adds a book to a shelf": {
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
      "refuses an invalid ISBN": {
        as: "anna",
        send: { shelf_id: "$shelf", title: "Odes", isbn: "978" },
        violates: { field: "isbn", rule: "string.pattern" },
      },
    },
  },
};

/** The suite, with the places of its descriptor set and its golden files. */
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
    documents: {
      openApi: "/openapi.json?serialization=all",
      openApiOfJson: "/openapi.json",
      descriptorSet: "/descriptor.binpb?annotated=true",
    },
  };
}
