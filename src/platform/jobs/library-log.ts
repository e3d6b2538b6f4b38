// The log of graphile-worker in ours. What it says of single jobs is left out: it has their payloads, and our own lines have the rest.
import type { LogFunctionFactory } from "graphile-worker";
import type { Logger } from "pino";

/** For the library's Logger. Its information is for debugging here, and what it says with an error is a warning. */
export function libraryLog(log: Logger): LogFunctionFactory {
  return () => (level, message, more) => {
    if (more !== undefined && ("job" in more || "jobs" in more)) return;
    const text = String(message).split("\n", 1)[0];
    if (level === "error" || level === "warning") log.warn({ text }, "the library of jobs warns");
    else log.debug({ text }, "the library of jobs");
  };
}
