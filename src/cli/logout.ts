import type { Command } from "commander";
import { CoatcheckError } from "../client/index.ts";
import { tellAgent } from "./agent/ask-agent.ts";
import { heldSession } from "./broker/held-session.ts";
import { define, run } from "./command.ts";
import { environment } from "./environment.ts";
import { refused } from "./fail.ts";
import { forgetSession, readSessions } from "./files/sessions-file.ts";

export function logoutCommand(): Command {
  return define("logout", "End a login: its grant is revoked at the provider, and the session is gone.", [
    ["coatcheck logout github", ""],
    ["coatcheck logout --all", "every login that is kept here"],
    ["coatcheck logout github --local", "forget it here even if the broker cannot be reached"],
  ])
    .argument("[name]", "login, or server")
    .option("--all", "every login that is kept here")
    .option("--local", "forget it here, whatever the broker says")
    .option("--revoke", "the default; a session never leaves its grant behind")
    .action(
      run<{ all?: boolean; local?: boolean }>(async (out, [name], { all, local, addr }) => {
        const names = all ? Object.keys(readSessions()) : [name];
        if (environment.COATCHECK_SESSION && names[0] === undefined) {
          out.warn("COATCHECK_SESSION is set: it goes before the logins that are kept here");
        }
        for (const one of names) {
          const held = await heldSession(out, one, addr);
          try {
            await held.session.logout();
          } catch (error) {
            if (!(error instanceof CoatcheckError)) throw error;
            if (!local) throw refused(error);
            out.warn(`the broker did not end it: ${error.message}`);
          }
          if (held.kept) forgetSession(held.name);
          await tellAgent({ request: "forget", name: held.name });
          out.result(`signed out of ${held.name}`, { name: held.name, ended: true });
        }
      }),
    );
}
