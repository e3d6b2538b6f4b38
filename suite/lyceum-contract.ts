#!/usr/bin/env node
// `lyceum-contract`: plays every promise of the contract against a server. A client and nothing else.
import { runProgram } from "../runner/program/program.js";
import { suite } from "./suite.js";

process.exitCode = await runProgram("lyceum-contract", suite, process.argv.slice(2));
