import { CoatcheckError, type ConnectionOptions, type Operator, operator } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { keptOperatorToken } from "../kept/operator-tokens.ts";
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

/** The operator's side of the broker, and of one mount: with the token given by file or environment, or the own broker's. */
export async function operatorOf(flags: OperatorFlags, mount?: string): Promise<Operator> {
  return (await operatorsOf(flags))(mount);
}

/** The same of several mounts: the token is read once, since a file may be a pipe. */
export async function operatorsOf({ addr, tokenFile, verbose }: OperatorFlags): Promise<(mount?: string) => Operator> {
  const address = brokerAddress(addr);
  const connection = namingToken(await connectionTo(address, verbose), address, tokenFile);
  const token = operatorToken(address, tokenFile);
  return (mount) => operator({ ...connection, token, ...(mount !== undefined && { mount }) });
}

/** The broker's answer to a token that it does not know, and where a policy denies what was asked: nobody is told which (docs/api.md). */
const REFUSED = "permission denied";

/** Of a token that the broker refuses it is said from where it came; a person's own broker has made its token itself. */
export function namingToken(
  connection: ConnectionOptions,
  address: string,
  tokenFile: string | undefined,
): ConnectionOptions {
  if (address === OWN && tokenFile === undefined) return connection;
  const send = connection.fetch ?? globalThis.fetch;
  const naming: typeof send = async (...request) => {
    const response = await send(...request);
    if (response.status !== 403) return response;
    const told = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { errors?: unknown[]; error_description?: unknown };
    if ((told.error_description ?? told.errors?.[0]) !== REFUSED) return response;
    throw new CoatcheckError("permission_denied", `${REFUSED}: ${tokenRefused(tokenFile)}`, { status: 403 });
  };
  return { ...connection, fetch: naming };
}

function tokenRefused(tokenFile: string | undefined): string {
  const given = environment().COATCHECK_OPERATOR_TOKEN ? "in COATCHECK_OPERATOR_TOKEN" : "of coatcheck operator login";
  const source = tokenFile === undefined ? given : `in the file ${tokenFile} (--token-file)`;
  const may = "coatcheck write sys/capabilities-self paths=PATH says what it may do";
  return `the broker does not know the operator's token ${source}, or its policies do not allow this (${may}); the root token is what the broker was started with (COATCHECK_ROOT_TOKEN), or in the file root-token in its data folder`;
}

export function operatorToken(address: string, tokenFile: string | undefined): string {
  if (tokenFile !== undefined) {
    const token = readPrivate(tokenFile)?.trim();
    if (!token) throw usage(`the token file ${tokenFile} is missing or empty`);
    return token;
  }
  // The variable is another broker's: this one has its own.
  const token = address === OWN ? ownToken() : environment().COATCHECK_OPERATOR_TOKEN || keptOperatorToken(address);
  if (token) return token;
  throw new CliError(
    "no_operator_token",
    "this command is for operators: give the token with COATCHECK_OPERATOR_TOKEN or --token-file, or sign in with coatcheck operator login",
    { exit: EXIT.refused },
  );
}
