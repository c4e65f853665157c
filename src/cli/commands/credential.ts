import type { Command } from "commander";
import { define, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import { PROTOCOLS } from "../helpers/helper-call.ts";

/** For the help and for protocols that do not exist: the others never get here (main.ts). */
export function credentialCommand(): Command {
  return define(
    "credential",
    "Answer another program in its own protocol. `coatcheck setup` configures the program to ask.",
    [
      ["coatcheck credential git get", "git"],
      ["coatcheck credential kubectl NAME", "as kubectl's exec plugin"],
      ["coatcheck credential aws NAME --role ARN", "as credential_process of AWS tools"],
      ["coatcheck credential cargo", "as a credential provider of cargo"],
    ],
  )
    .argument("<protocol>", PROTOCOLS.join(", "))
    .argument("[args...]", "what the program passes")
    .passThroughOptions()
    .action(
      run(async (_out, [protocol]) => {
        throw usage(`unknown protocol "${protocol}": give ${PROTOCOLS.join(", ")}`);
      }),
    );
}
