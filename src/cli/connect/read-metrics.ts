import { CoatcheckError, type ConnectionOptions } from "../../client/index.ts";
import { CliError, EXIT } from "../frame/fail.ts";

/** Longer than the broker needs, shorter than a person waits. Milliseconds. */
const TIMEOUT_MS = 10_000;

/** The metrics of the instance that answers, in Prometheus's text format. Throws `CliError`. */
export async function readMetrics(connection: ConnectionOptions, token: string): Promise<string> {
  const { broker } = connection;
  const send = connection.fetch ?? globalThis.fetch;
  const response = await ask(() =>
    send(new URL("v1/sys/metrics", broker), {
      headers: { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  const text = await ask(() => response.text());
  if (response.ok) return text;
  throw refused(response.status);
}

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CoatcheckError || error instanceof CliError) throw error;
    throw new CliError("unreachable", "the broker does not answer", { exit: EXIT.broker });
  }
}

function refused(status: number): CliError {
  if (status === 403) {
    return new CliError("permission_denied", "this token may not read the broker's metrics", { exit: EXIT.refused });
  }
  const elsewhere = "the broker has no metrics at this address: name the one of its --metrics-listen with --addr";
  if (status === 404) return new CliError("not_found", elsewhere);
  return new CliError("unreachable", `the broker answered with status ${status}`, { exit: EXIT.broker });
}
