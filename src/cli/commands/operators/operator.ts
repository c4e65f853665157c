import type { Command } from "commander";
import { CoatcheckError, operator } from "../../../client/index.ts";
import { brokerAddress, connectionTo, OWN } from "../../connect/broker.ts";
import { newNonce } from "../../connect/nonce.ts";
import { define, group, run } from "../../frame/command.ts";
import { usage } from "../../frame/fail.ts";
import type { Output } from "../../frame/output.ts";
import { parseParameters } from "../../frame/parameters.ts";
import { keepOperatorToken, keptOperatorToken, operatorTokensPath } from "../../kept/operator-tokens.ts";
import { awaitPerson, beginPerson, type LoggedIn, logIn } from "../../operate/log-in.ts";
import { findBrowser, openBrowser, thisMachine } from "../../terminal/browser.ts";
import { spanText } from "../../terminal/duration.ts";

/** No login looks at a token, but each request of an operator has one. */
const NONE = "none";

const EXPLANATION = `
What a login brings is kept for the commands of operators (0600), by the broker's address; COATCHECK_OPERATOR_TOKEN and --token-file win over it.
Parameters are those of the method: jwt=@FILE role=NAME, role_id=ID secret_id=@FILE, name=ROLE. Secrets come from files or standard input.`;

export function operatorCommand(): Command {
  return group("operator", "Sign in at a broker that others run, with a token of your own.", [
    ["coatcheck operator login", "by a browser, at the broker's OpenID provider"],
    ["coatcheck operator login --method jwt role=ci jwt=@token.jwt", "as a CI job"],
    ["coatcheck operator logout", "revoke that token"],
  ])
    .addHelpText("after", EXPLANATION)
    .addCommand(loginCommand())
    .addCommand(logoutCommand());
}

interface LoginFlags {
  readonly addr?: string;
  readonly verbose?: boolean;
  readonly method: string;
  readonly path?: string;
}

function loginCommand(): Command {
  return define("login", "Get a token of your own, and keep it for the commands of operators.", [
    ["coatcheck operator login --method approle role_id=ID secret_id=@secret.txt", ""],
  ])
    .argument("[parameters...]", "key=value, key=@file, key=-")
    .option("--method <name>", "oidc, jwt, kubernetes, approle or cert", "oidc")
    .option("--path <path>", "where it is enabled, if not at its name")
    .action(
      run<LoginFlags>(async (out, given, { addr, verbose, method, path = method }) => {
        const address = foreignAddress(addr);
        const connection = await connectionTo(address, verbose);
        const broker = operator({ ...connection, token: NONE });
        const parameters = await parseParameters(given);
        const isForPeople = method === "oidc";
        if (isForPeople && Object.keys(parameters).some((name) => name !== "role"))
          throw usage("a person's login takes role=NAME alone");
        const person = {
          path,
          role: String(parameters.role ?? ""),
          redirectUri: new URL(`v1/auth/${path}/oidc/callback`, slashed(String(connection.broker))).href,
          nonce: newNonce(),
        };
        const made = isForPeople ? await signIn(out, broker, person) : await logIn(broker, path, parameters);
        keepOperatorToken(address, made.token);
        tell(out, made);
      }),
    );
}

/** The token is not printed: it is in the file. */
function tell(out: Output, { policies, lasts }: LoggedIn): void {
  const span = lasts === 0 ? "" : ` for ${spanText(lasts)}`;
  out.result(`Signed in${span}, with the policies ${policies.join(", ")}.`, {
    policies,
    expires_in: lasts,
    kept_in: operatorTokensPath(),
  });
}

async function signIn(
  out: Output,
  broker: ReturnType<typeof operator>,
  person: Parameters<typeof beginPerson>[1],
): Promise<LoggedIn> {
  const begun = await beginPerson(broker, person);
  const browser = findBrowser(thisMachine());
  out.note(browser ? "Sign in, in the browser that opens:" : "Open this address, and sign in:");
  out.note(`  ${begun.url}`);
  if (begun.userCode !== "") out.note(`Code: ${begun.userCode}`);
  if (browser) await openBrowser(browser, begun.url);
  return awaitPerson(broker, person, begun);
}

function logoutCommand(): Command {
  return define("logout", "Revoke the token that operator login has kept, and forget it.", [
    ["coatcheck operator logout", ""],
  ]).action(
    run<{ addr?: string; verbose?: boolean }>(async (out, _args, { addr, verbose }) => {
      const address = foreignAddress(addr);
      const token = keptOperatorToken(address);
      if (token === undefined) return out.note("Nobody is signed in at that broker.");
      const connection = await connectionTo(address, verbose);
      const isRevoked = await revoke(operator({ ...connection, token }));
      keepOperatorToken(address, undefined);
      return out.note(
        isRevoked ? "Signed out: the token is revoked." : "Signed out: the broker does not take the token any more.",
      );
    }),
  );
}

/** False for one that the broker refuses: it has ended, and whoever is to be signed out is. */
async function revoke(broker: ReturnType<typeof operator>): Promise<boolean> {
  try {
    await broker.write("auth/token/revoke-self", {});
    return true;
  } catch (error) {
    if (error instanceof CoatcheckError && error.status === 403) return false;
    throw error;
  }
}

function foreignAddress(addr: string | undefined): string {
  const address = brokerAddress(addr);
  if (address === OWN)
    throw usage("a broker of your own needs no login: name another one with --addr or COATCHECK_ADDR");
  return address;
}

function slashed(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}
