#!/usr/bin/env node
// `lyceum-contract`: tests every promise of the contract against a server, as a client.
import { runProgram } from "../runner/program/program.js";
import { suite } from "./suite.js";

process.exitCode = await runProgram("lyceum-contract", suite, process.argv.slice(2));
