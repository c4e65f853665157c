/** The server as a library: compose it with a configuration, and it serves until it is closed. */
export { compose } from "./compose/compose.ts";
export type { Running } from "./compose/serve.ts";
export { type Config, ConfigError, loadConfig } from "./process/config.ts";
export { createLog, type Log } from "./process/log.ts";
