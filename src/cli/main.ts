import { helperCall } from "./helpers/helper-call.ts";
import { ASK } from "./setup/completion-names.ts";

/** Runs what `argv` asks for: the program, the name that it was called by, and its arguments. */
export async function main([, calledBy = "", ...args]: readonly string[]): Promise<void> {
  const helper = helperCall(calledBy, args);
  if (helper) {
    const { runHelper } = await import("./helpers/run.ts");
    await runHelper(helper);
  } else if (args[0] === ASK) {
    const { complete } = await import("./setup/complete.ts");
    await complete(args.slice(1));
  } else {
    const { COMMANDS } = await import("./commands.ts");
    const { runProgram } = await import("./frame/program.ts");
    await runProgram(COMMANDS, args);
  }
}
