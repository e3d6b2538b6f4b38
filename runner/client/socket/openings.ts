// Opens web sockets. What stands in the way of all of them, such as a proxy that passes no Upgrade on, is found once; after that no
// opening waits for it again.
import type { RawAnswer } from "../exchange.js";
import { OpeningRefused, OpenSocket } from "./open-socket.js";
import type { SocketFrames } from "./socket-frames.js";

const limitMs = 10_000;
/** Statuses of a Problem that are not about the caller: the request did not arrive as one that opens a socket, or nothing takes it. */
const ofNoSocket = new Set([400, 404, 405, 426]);

/** No web socket can be opened at a server, whoever asks; the message is the reason. */
export class NoSockets extends Error {}

/** What is to be opened. `isProblem` says whether an answer over HTTP is a Problem of the contract. */
export interface Opening {
  readonly url: string;
  readonly token: string | undefined;
  readonly frames: SocketFrames;
  readonly isProblem: (answer: RawAnswer) => Promise<boolean>;
}

export class Openings {
  /** URLs at which a socket was opened: what fails there later is a fault of that one opening. */
  private readonly opened = new Set<string>();
  private readonly obstacles = new Map<string, NoSockets>();

  /** An opening that is not answered in `milliseconds` fails. */
  constructor(private readonly milliseconds = limitMs) {}

  /** Opens a socket. Rejects with NoSockets, and with OpeningRefused where this caller is refused. */
  async open({ url, token, frames, isProblem }: Opening): Promise<OpenSocket> {
    const known = this.obstacles.get(url);
    if (known) throw known;
    try {
      const socket = await OpenSocket.open(url, token, frames, this.milliseconds);
      this.opened.add(url);
      return socket;
    } catch (error) {
      const why = this.opened.has(url) ? undefined : await obstacleIn(error as Error, isProblem);
      if (why === undefined) throw error;
      const found = this.obstacles.get(url) ?? new NoSockets(`web sockets cannot be opened here: ${why}`);
      this.obstacles.set(url, found);
      throw found;
    }
  }
}

/** What stands in the way of every socket; undefined where the error is of this caller, or where there is no server at all. */
async function obstacleIn(error: Error, isProblem: Opening["isProblem"]): Promise<string | undefined> {
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNRESET") return "the connection was closed without an answer to the opening";
  if (!(error instanceof OpeningRefused)) return code === undefined ? error.message : undefined;
  const { status, headers } = error.answer;
  const isOfCaller = !ofNoSocket.has(status) && (await isProblem(error.answer));
  if (isOfCaller) return undefined;
  const type = headers["content-type"] ?? "no Content-Type";
  return `the opening was answered with ${status}, ${type}, where 101 is due; does a proxy pass no Upgrade on?`;
}
