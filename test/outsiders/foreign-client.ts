// A client of the runner that calls through a program in another language: it writes each call to the program as a line of
// JSON, and reads the answer from a line. The program uses its generated classes and its usual HTTP library.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { withoutPath, type CallOptions, type Called, type Client } from "../../runner/client/client.js";
import { decode, encode, plain, type Plain } from "../../runner/client/encoding.js";
import { contentOf, readContent } from "../../runner/client/http-body.js";
import type { Descriptors, Rpc } from "../../runner/client/descriptors.js";
import type { AnswerLine, CallLine } from "./outsider.js";

const patienceMs = 30_000;

export class ForeignClient implements Pick<Client, "call" | "descriptors"> {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, { resolve(line: AnswerLine): void; reject(error: Error): void }>();
  private calls = 0;
  private complaints = "";

  /** Starts the program: a command and its arguments, in a folder. */
  constructor(
    [command = "", ...args]: readonly string[],
    cwd: string,
    private readonly url: string,
    readonly descriptors: Descriptors,
  ) {
    this.child = spawn(command, args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.complaints += text));
    this.child.stdin!.on("error", () => undefined);
    this.child.once("error", (error) => this.giveUp(error.message));
    this.child.once("close", (code, signal) => this.giveUp(`it ended with ${code ?? signal}`));
    createInterface(this.child.stdout!).on("line", (text) => this.receive(text));
  }

  /** Ends the program, by closing its standard input. */
  end(): void {
    this.child.stdin!.end();
    setTimeout(() => this.child.kill("SIGKILL"), 5_000).unref();
  }

  /** Calls a method, as Client does. Rejects when the program cannot make the call, or its answer is not the declared message. */
  async call(name: string, request: Plain, options: CallOptions): Promise<Called> {
    const rpc = this.descriptors.rpcs.get(name);
    if (!rpc) throw new Error(`The contract has no method ${name}`);
    const line = this.lineOf(rpc, request, options);
    const answer = await this.exchange(line);
    const { status = 0, error } = answer;
    if (error !== undefined) throw new Error(`the client could not call: ${error}`);
    const body = this.read(rpc, answer);
    if (status >= 400 && body["reason"] !== answer.reason)
      throw new Error(`the client read the reason ${answer.reason}, not ${String(body["reason"])}`);
    return { status, headers: {}, body, codec: undefined, curl: `${rpc.verb} ${line.target}`, pair: options.pair };
  }

  private lineOf(rpc: Rpc, request: Plain, { token, headers }: CallOptions): CallLine {
    const { registry } = this.descriptors;
    const rest = withoutPath(rpc, request);
    const upload = contentOf(rpc, request);
    const path = Object.fromEntries(rpc.pathFields.map((field) => [field, request[field] ?? 0]));
    const query = rpc.hasBody ? {} : rest;
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
      for (const item of [value].flat()) search.append(key, String(item));
    const filled = rpc.path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(path[field])));
    return {
      id: ++this.calls,
      rpc: rpc.name,
      verb: rpc.verb,
      base: this.url,
      target: filled + (search.size > 0 ? `?${search.toString()}` : ""),
      token,
      headers: Object.fromEntries(
        Object.entries(headers ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
      requestType: rpc.request.typeName,
      responseType: rpc.response.typeName,
      message: encode(registry, rpc.request, rest, "protobuf").toString("base64"),
      hasBody: rpc.hasBody,
      content: upload && { type: upload.contentType, data: upload.data.toString("base64") },
      answer: rpc.isStream
        ? "stream"
        : rpc.produces.length > 0
          ? "content"
          : rpc.success === 204
            ? "nothing"
            : "message",
      produces: rpc.produces,
      path,
      query,
      json: rpc.hasBody ? rest : {},
    };
  }

  private read(rpc: Rpc, { status = 0, body, json, contentType = "" }: AnswerLine): Plain {
    const { registry, problem } = this.descriptors;
    const isContent = rpc.produces.length > 0 && status < 400;
    const type = status >= 400 ? problem : rpc.response;
    if (isContent) {
      const raw = { status, headers: { "content-type": contentType }, body: Buffer.from(body ?? "", "base64") };
      return readContent(registry, rpc, raw).message;
    }
    if (status === 204) return {};
    if (json !== undefined) return plain(registry, type, fromJson(type, json as JsonValue, { registry }));
    if (body === undefined) throw new Error(`the client read no message from an answer with ${status}`);
    return decode(registry, type, Buffer.from(body, "base64"), "protobuf");
  }

  private exchange(line: CallLine): Promise<AnswerLine> {
    return new Promise<AnswerLine>((resolve, reject) => {
      const late = setTimeout(() => this.giveUp(`no answer to ${line.rpc} in ${patienceMs / 1000} s`), patienceMs);
      const settled =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(late);
          then(value);
        };
      this.waiting.set(line.id, { resolve: settled(resolve), reject: settled(reject) });
      if (this.child.exitCode !== null) this.giveUp(`it ended with ${this.child.exitCode}`);
      this.child.stdin!.write(`${JSON.stringify(line)}\n`);
    });
  }

  private receive(text: string): void {
    let line: AnswerLine;
    try {
      line = JSON.parse(text) as AnswerLine;
    } catch {
      return this.giveUp(`it wrote a line that is not an answer: ${text}`);
    }
    this.waiting.get(line.id)?.resolve(line);
    this.waiting.delete(line.id);
  }

  private giveUp(why: string): void {
    const complaints = this.complaints.trim().split("\n").slice(-20).join("\n");
    for (const { reject } of this.waiting.values()) reject(new Error(`${why}\n${complaints}`.trim()));
    this.waiting.clear();
  }
}
