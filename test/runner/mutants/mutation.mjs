// Loaded before the server: replaces the line that MUTATION names. The server then starts with that fault.
import { register } from "node:module";

register("./mutation-hooks.mjs", import.meta.url, { data: JSON.parse(process.env.MUTATION) });
