// A server of another domain: a library in memory, served by the engine over a real port.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { eventStreams } from "../../../src/doors/event-stream.js";
import { readForm } from "../../../src/doors/form.js";
import { readContentDisposition } from "../../../src/platform/media/content-disposition.js";
import { readParameters } from "../../../src/doors/url-encoded-form.js";
import { pino } from "pino";
import { invalidToken, unauthenticated } from "../../../src/accounts/challenge.js";
import { documentRoutes } from "../../../src/contract/documents/documents.js";
import { Precondition } from "../../../src/contract/http/preconditions.js";
import type { RequestState } from "../../../src/contract/http/request-context.js";
import { loadContract } from "../../../src/contract/model/load.js";
import type { Method } from "../../../src/contract/model/method.js";
import { router } from "../../../src/contract/route.js";
import { createEngine } from "../../../src/contract/serve.js";
import type { EngineDeps } from "../../../src/contract/served.js";
import { ApiError, type Reason } from "../../../src/errors.js";
import { parserRefusals } from "../../../src/doors/parser-refusals.js";
import { setCommonHeaders, requestMiddleware } from "../../../src/doors/request-middleware.js";
import { securityHeaders } from "../../../src/platform/http/security-headers.js";
import { httpServer } from "../../../src/platform/http/http-server.js";
import { createsOnce } from "./library-keys.js";

/** A caller; a higher rank includes the access of the lower ones. */
interface Reader {
  readonly id: number;
  readonly name: string;
  readonly rank: number;
}

interface Shelf {
  readonly id: number;
  label: string;
  readonly wood: string;
  version: number;
  readonly books: object[];
}

export interface LibraryServer {
  readonly url: string;
  /** The tokens of the accounts that exist from the beginning. */
  readonly passes: Readonly<Record<"keeper" | "director", string>>;
  /** The numbers of readers and shelves. */
  count(): { readers: number; shelves: number };
  close(): void;
}

export interface LibraryOptions {
  /** The folder of the .proto files. */
  readonly proto: string;
  /** The file with their descriptor set. */
  readonly descriptorSet: URL;
  /** The rank that each access needs; the usual ones when absent. */
  readonly ranks?: Readonly<Record<Method["access"], number>>;
}

const usualRanks = { ACCESS_PUBLIC: 0, ACCESS_USER: 1, ACCESS_TEACHER: 2, ACCESS_SUPER_ADMIN: 3 };

/** Starts a library. */
export async function libraryServer({
  proto,
  descriptorSet,
  ranks = usualRanks,
}: LibraryOptions): Promise<LibraryServer> {
  const contract = loadContract(proto);
  const readers = new Map<string, Reader>();
  const shelves = new Map<number, Shelf>();
  let last = 0;
  const passes = { keeper: addReader("Keeper", 2), director: addReader("Director", 3) };

  function addReader(name: string, rank: number): string {
    const pass = randomBytes(32).toString("hex");
    readers.set(pass, { id: (last += 1), name, rank });
    return pass;
  }

  function shelfOf({ shelf_id: id }: Fields, precondition = Precondition.none): Shelf {
    const shelf = shelves.get(Number(id));
    if (!shelf) throw new ApiError("SHELF_NOT_FOUND" as string as Reason, `There is no shelf with id=${String(id)}`);
    if (!precondition.permitsVersion(shelf.version)) throw new ApiError("PRECONDITION_FAILED", "The shelf has changed");
    return shelf;
  }

  const handlers: Readonly<Record<string, Handler>> = {
    enter: ({ name }) => {
      const pass = addReader(String(name), 1);
      return { ...readers.get(pass), pass };
    },
    getReader: (_request, pass) => readers.get(pass)!,
    leave: (_request, pass) => {
      readers.delete(pass);
      return {};
    },
    createShelf: ({ label, wood }) => {
      const shelf: Shelf = { id: (last += 1), label: String(label), wood: String(wood), version: 1, books: [] };
      shelves.set(shelf.id, shelf);
      return shelf;
    },
    getShelf: (request) => shelfOf(request),
    updateShelf: (request, _pass, precondition) => {
      const shelf = shelfOf(request, precondition);
      return Object.assign(shelf, { label: request["label"], version: shelf.version + 1 });
    },
    deleteShelf: (request, _pass, precondition) => {
      shelves.delete(shelfOf(request, precondition).id);
      return {};
    },
    addBook: (request) => {
      const book = { ...request, id: (last += 1) };
      const shelf = shelfOf(request);
      shelf.books.push(book);
      shelf.version += 1;
      return book;
    },
    countShelves: ({ wood, fewest_books: fewest }) => ({
      shelves: [...shelves.values()].filter((one) => one.wood === wood && one.books.length >= Number(fewest)).length,
    }),
  };

  const deps: EngineDeps<string> = {
    bodyLimit: 16 * 1024,
    admit: (_scope, caller) => caller,
    authenticate: ({ req }, { access }) => {
      if (access === "ACCESS_PUBLIC") return "";
      const pass = /^bearer +(.*)$/i.exec(req.headers.authorization ?? "")?.[1];
      if (pass === undefined) throw unauthenticated();
      const reader = readers.get(pass);
      if (!reader) throw invalidToken();
      if (reader.rank < ranks[access]) throw new ApiError("PERMISSION_DENIED", "This is for others");
      return pass;
    },
    around: [createsOnce()],
    handle: async ({ method: { handler }, request, caller, precondition }) =>
      handlers[handler]!(request, caller, precondition),
    doors: {
      readForm,
      readDisposition: readContentDisposition,
      readParameters,
      writeStream: eventStreams({ closing: new AbortController().signal }),
    },
    explain: (_ctx, error) => (error instanceof ApiError ? error : new ApiError("INTERNAL", "The library is broken")),
  };

  const { serve, refuse } = createEngine(contract, deps);
  const place = router(contract.methods);
  const app = new Koa<RequestState>();
  app.silent = true;
  const log = pino({ level: "silent" });
  const security = securityHeaders(0);
  app.use(requestMiddleware({ corsOrigins: [], security, log, slowRequestMs: 60_000, refuse }));
  app.use((ctx, next) => {
    const found = place(ctx.req.url!.split("?")[0]!);
    if (found === undefined) return next();
    if (found !== "malformed") return serve(ctx, found);
    return refuse(ctx, new ApiError("MALFORMED_REQUEST", "The path is not valid percent-encoding"));
  });
  app.use(setCommonHeaders(security));
  const descriptors = { client: descriptorSet, annotated: descriptorSet };
  app.use(documentRoutes(contract, { title: "Library", version: "1.0.0" }, descriptors).routes());
  app.use((ctx) => refuse(ctx, new ApiError("ROUTE_NOT_FOUND", "There is nothing at this path")));
  const server = httpServer(app.callback(), parserRefusals(contract, log)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passes,
    count: () => ({ readers: readers.size, shelves: shelves.size }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Handler = (request: Fields, pass: string, precondition: Precondition) => object;
