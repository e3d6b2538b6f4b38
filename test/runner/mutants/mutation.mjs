// Loaded before the server: breaks one line of it, as MUTATION says. The server starts with that fault in it.
import { register } from "node:module";

register("./mutation-hooks.mjs", import.meta.url, { data: JSON.parse(process.env.MUTATION) });
