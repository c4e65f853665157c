import { fastToken } from "./agent/fast-token.ts";
import { quietPipe } from "./frame/quiet-pipe.ts";

quietPipe();
/** Loads nothing but what a warm agent needs to answer; everything else is main.ts's. */
if (!(await fastToken(process.argv.slice(2)))) await import("./main.ts");
