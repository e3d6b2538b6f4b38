// What the clients made from OpenAPI share: the lines between the session and a client.
import { createInterface } from "node:readline";

export interface Call {
  readonly id: number;
  readonly rpc: string;
  readonly verb: string;
  readonly base: string;
  readonly token?: string;
  readonly headers: Record<string, string>;
  readonly requestType: string;
  readonly responseType: string;
  readonly hasBody: boolean;
  readonly content?: { readonly type: string; readonly data: string };
  readonly answer: "message" | "nothing" | "content" | "stream";
  readonly produces: readonly string[];
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly json: Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly body?: string;
  readonly json?: unknown;
  readonly reason?: string;
}

export function headersOf({ token, headers }: Call): Record<string, string> {
  return { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
}

export function fileOf({ content }: Call): Blob | undefined {
  return content && new Blob([Uint8Array.from(Buffer.from(content.data, "base64"))], { type: content.type });
}

/** The parameters of a body that is a form of them. */
export function parametersOf({ content }: Call): Record<string, string> | undefined {
  if (content?.type !== "application/x-www-form-urlencoded") return undefined;
  return Object.fromEntries(new URLSearchParams(Buffer.from(content.data, "base64").toString()));
}

/** The answer with a picture, or with the first event of a stream; leaving the loop closes the connection. */
export async function contentOf(response: Response, isStream: boolean): Promise<Answer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of response.body ?? []) {
    bytes = Buffer.concat([bytes, chunk as Uint8Array]);
    if (isStream && /^data:.*\n\n/m.test(bytes.toString("utf8"))) break;
  }
  const contentType = response.headers.get("content-type") ?? undefined;
  return { status: response.status, contentType, body: bytes.toString("base64") };
}

/** Answers each call of the standard input. */
export async function serve(play: (call: Call) => Promise<Answer>): Promise<void> {
  for await (const line of createInterface(process.stdin)) {
    const call = JSON.parse(line) as Call;
    const answer = await play(call).catch((error: unknown) => ({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }));
    console.log(JSON.stringify({ id: call.id, ...answer }));
  }
}
