import { type Operator, operator } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { readPrivate } from "../kept/private-file.ts";
import { brokerAddress, connectionTo, OWN } from "./broker.ts";
import { ownToken } from "./own-broker.ts";

/** The option of every command that may be an operator's. */
export const TOKEN_FILE = ["--token-file <path>", "the operator's token (COATCHECK_OPERATOR_TOKEN)"] as const;

export interface OperatorFlags {
  readonly addr?: string;
  readonly tokenFile?: string;
  readonly verbose?: boolean;
}

/** The operator's side of the broker: with the token given by file or environment, or the own broker's. */
export async function operatorOf({ addr, tokenFile, verbose }: OperatorFlags): Promise<Operator> {
  const address = brokerAddress(addr);
  const connection = await connectionTo(address, verbose);
  return operator({ ...connection, token: operatorToken(address, tokenFile) });
}

export function operatorToken(address: string, tokenFile: string | undefined): string {
  if (tokenFile !== undefined) {
    const token = readPrivate(tokenFile)?.trim();
    if (!token) throw usage(`the token file ${tokenFile} is missing or empty`);
    return token;
  }
  // The variable is another broker's: this one has its own.
  const token = address === OWN ? ownToken() : environment.COATCHECK_OPERATOR_TOKEN;
  if (token) return token;
  throw new CliError(
    "no_operator_token",
    "this command is for operators: give the token with COATCHECK_OPERATOR_TOKEN or --token-file",
    { exit: EXIT.refused },
  );
}
