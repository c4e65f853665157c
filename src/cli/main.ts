import { helperCall } from "./helpers/helper-call.ts";

const args = process.argv.slice(2);
const helper = helperCall(process.argv[1] ?? "", args);
if (helper) {
  const { runHelper } = await import("./helpers/run.ts");
  await runHelper(helper);
} else {
  const { COMMANDS } = await import("./commands.ts");
  const { runProgram } = await import("./frame/program.ts");
  await runProgram(COMMANDS, args);
}
