#!/usr/bin/env node
// `lyceum-contract`: tests every promise of the contract against a server, as a client.
import { runProgram } from "../runner/program/program.js";
import { suite } from "./suite.js";

// The reader of our output may close it before its end, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runProgram("lyceum-contract", suite, process.argv.slice(2));
