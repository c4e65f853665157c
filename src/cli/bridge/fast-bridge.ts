import { environment } from "../frame/environment.ts";
import { parseBridgeArguments } from "./bridge-flags.ts";

/**
 * `coatcheck mcp URL` before anything slow is loaded. Answers whether the command is done; whatever is out of the ordinary
 * (help, an unknown option, a mistake) is the whole command's.
 */
export async function fastBridge(args: readonly string[]): Promise<boolean> {
  if (args[0] !== "mcp" || environment().COATCHECK_SESSION_FILE) return false;
  const parsed = parseBridgeArguments(args.slice(1));
  if (!parsed || parsed.flags["--ca-file"] !== undefined) return false;
  const { runBridge } = await import("./run-bridge.ts");
  try {
    runBridge(parsed.target, parsed.flags);
    return true;
  } catch {
    return false;
  }
}
