import { operationTimeout } from "../../../credential/index.ts";
import type { AuthorizationServer } from "../../../protocol/client.ts";
import { checkServerOptions, type Expanded, expandProvider, findProvider } from "../../../providers/index.ts";
import type { ServerInput } from "../../broker.ts";
import { invalid } from "../../errors.ts";
import type { Context } from "../../process/context.ts";
import { toNamed, within } from "../../process/door.ts";
import { settingsOf } from "../../record/settings.ts";
import type { TrialStep } from "../../server-trial.ts";
import { whatMoved, whyMoved } from "../pinned-origins.ts";
import { draftOf, givenProvider } from "../server-input.ts";
import { clientsOf, findServer, type ServerRecord } from "../server-record.ts";
import { askAsClient } from "./ask-client.ts";
import { fetchKeySet, findAnew } from "./find-server.ts";
import { type Recorder, recording } from "./recording.ts";

/** What is tried: a provider's data, and how its client proves itself once the metadata are known. */
interface Tried {
  readonly provider: Expanded;
  /** Or why no client is sent there. */
  recordAt(metadata: AuthorizationServer): Promise<ServerRecord | string>;
}

/**
 * Asks a server what a login would, one step after the other, and tells each request and answer without secrets. As it is given, or, where
 * no provider is given, as it is stored; undefined where nothing is. Nothing is stored or registered. Throws `BrokerError`.
 */
export async function tryServer(
  context: Context,
  mount: string,
  name: string,
  input: ServerInput,
): Promise<readonly TrialStep[] | undefined> {
  const tried = input.provider === "" ? await storedServer(context, mount, name) : await givenServer(context, input);
  if (!tried) return undefined;
  const settings = await settingsOf(context, mount);
  return within(context, operationTimeout(settings, undefined, 0), (call) => {
    return stepsOf(context, tried, recording(context.clock, toNamed(call, tried.provider.apiServer?.reach)));
  });
}

async function stepsOf(context: Context, tried: Tried, recorder: Recorder): Promise<readonly TrialStep[]> {
  const { provider } = tried;
  const { step, metadata } = await findAnew(context, provider, recorder);
  if (!metadata) return [step, notYet("keys", step), notYet("client", step)];
  const keys = await fetchKeySet(metadata, recorder);
  const record = await tried.recordAt(metadata);
  if (typeof record === "string") return [step, keys, { ...SKIPPED, step: "client", text: record }];
  const client = await askAsClient({ provider, metadata, ...clientsOf(record) }, recorder);
  return [step, keys, client];
}

const SKIPPED = { verdict: "skipped", exchanges: [] } as const;

function notYet(step: TrialStep["step"], { verdict }: TrialStep): TrialStep {
  const text = verdict === "bad" ? "Not asked: mend the discovery first." : "Only a login shows it.";
  return { ...SKIPPED, step, text };
}

async function givenServer(context: Context, input: ServerInput): Promise<Tried> {
  const data = givenProvider(input);
  const problem = checkServerOptions(data, input.providerOptions, { allowHttp: context.allowHttp });
  if (problem !== undefined) throw invalid(problem, { reason: "server_misconfigured" });
  const provider = expandProvider(data, input.providerOptions, {});
  return {
    provider,
    recordAt: async (metadata) => (input.clientId === "" ? NO_CLIENT : await draftOf(input, data, provider, metadata)),
  };
}

const NO_CLIENT =
  "There is no client yet: enter the client id that the provider shows, or let a write have the broker registered.";

/** META-08: its secrets go only where whoever wrote it agreed to. */
async function storedServer(context: Context, mount: string, name: string): Promise<Tried | undefined> {
  const stored = await findServer(context, mount, name);
  if (!stored) return undefined;
  const { record } = stored;
  const data = findProvider(record.provider, record.providerVersion);
  if (!data) throw invalid("version not supported", { reason: "server_misconfigured" });
  const provider = expandProvider(data, record.providerOptions, {});
  return { provider, recordAt: async (metadata) => recordIfUnmoved(record, metadata) };
}

function recordIfUnmoved(record: ServerRecord, metadata: AuthorizationServer): ServerRecord | string {
  const text = whyMoved(whatMoved(record, metadata), "token_endpoint");
  if (text !== undefined) return `The client's secret is not sent: ${text}.`;
  return record.clientId === "" ? NO_CLIENT : record;
}
