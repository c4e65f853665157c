import { fastToken } from "./agent/fast-token.ts";
import { fastBridge } from "./bridge/fast-bridge.ts";
import { quietPipe } from "./frame/quiet-pipe.ts";

quietPipe();
const args = process.argv.slice(2);
/** Loads nothing but what a warm agent or a bridge needs to answer; everything else is main.ts's. */
if (!(await fastToken(args)) && !(await fastBridge(args))) {
  const { main } = await import("./main.ts");
  await main(process.argv);
}
