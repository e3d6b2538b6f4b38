// Loaded before the server: replaces the lines that MUTATIONS names. The server then starts with these faults.
import { register } from "node:module";

register("./mutation-hooks.mjs", import.meta.url, { data: JSON.parse(process.env.MUTATIONS) });
