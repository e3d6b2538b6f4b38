// Log lines: JSON for machines, text for people, with the same fields. It knows no request; the caller names the subject.
import { closeSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import pino, { type DestinationStream, type Logger } from "pino";
import pretty from "pino-pretty";
import { createStream } from "rotating-file-stream";
import { makeFolder } from "./folders.js";
import { OperatorError } from "./operator-error.js";

export interface LogOptions {
  readonly level: string;
  readonly format: "text" | "json";
  /** A path; standard output when undefined. */
  readonly file: string | undefined;
  /** For a command, whose standard output is its result: the lines go to standard error. */
  readonly isForPeople?: boolean;
}

export interface Log {
  /** Each part of the system gets a child of it with its own `logger` binding. */
  readonly logger: Logger;
  /** Writes buffered lines. The last action of a process. */
  close(): Promise<void>;
}

interface Output {
  readonly stream: DestinationStream;
  close(): Promise<void>;
}

/** Opens the log. A file is rotated at 10 MB; five are kept. Fails with an OperatorError when it cannot be written. */
export function openLog({ level, format, file, isForPeople = false }: LogOptions): Log {
  const output = file === undefined ? standardOutput(format, isForPeople ? 2 : 1) : rotatedFile(file);
  const options = {
    level,
    base: null,
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  const logger = pino(options, format === "text" ? asText(output.stream, file === undefined) : output.stream);
  return { logger, close: output.close };
}

/** The fields of an error in a line: only those without data, since Postgres puts whole rows into the others. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const cause = error.cause === undefined ? undefined : describeError(error.cause);
  const { name: type, message, stack = "" } = error;
  if (!quotesData(code)) return { type, message, code, constraint, stack, cause };
  const hidden = "a value that Postgres refuses";
  return { type, message: hidden, code, constraint, stack: stack.replace(message, () => hidden), cause };
}

/** The messages of data exceptions quote the value: `invalid input syntax for type bigint: "..."`. */
function quotesData(code: unknown): boolean {
  return typeof code === "string" && /^22[0-9A-Z]{3}$/.test(code);
}

function standardOutput(format: "text" | "json", descriptor: 1 | 2): Output {
  // One write for several lines costs less; people need each line at once.
  const isBuffered = format === "json";
  const stream = pino.destination({ dest: descriptor, sync: !isBuffered, minLength: isBuffered ? 16_000 : 0 });
  stream.on("error", () => {});
  const timer = setInterval(() => stream.flush(), 250).unref();
  return {
    stream,
    close: async () => {
      clearInterval(timer);
      try {
        stream.flushSync();
      } catch {
        // The reader of the output has ended.
      }
    },
  };
}

function rotatedFile(file: string): Output {
  requireWritable(file);
  const name = basename(file);
  const generator = (index: number | Date | null) => (index ? `${name}.${String(index)}` : name);
  const stream = createStream(generator, { path: dirname(file), size: "10M", rotate: 4 });
  stream.on("error", (error) => process.stderr.write(`The log file cannot be written: ${error.message}\n`));
  return {
    stream: { write: (line) => void stream.write(line) },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

function requireWritable(file: string): void {
  try {
    makeFolder(dirname(file));
    closeSync(openSync(file, "a"));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new OperatorError(`The log cannot be written to ${file} (${code}): set LOG_FILE to another file.`, {
      cause: error,
    });
  }
}

function asText(stream: DestinationStream, isOutput: boolean): DestinationStream {
  const write = pretty.prettyFactory({
    colorize: isOutput && process.stdout.isTTY,
    messageKey: "message",
    timestampKey: "timestamp",
    // The lines of a file are of several days.
    translateTime: isOutput ? "SYS:HH:MM:ss.l" : "SYS:yyyy-mm-dd HH:MM:ss.l",
    ignore: "logger",
    messageFormat: "{logger}: {message}",
    singleLine: true,
  });
  return { write: (line) => stream.write(write(line) ?? "") };
}
