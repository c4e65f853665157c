import type { Call } from "../client.ts";
import { DiscoveryError, metadataLifetime, readMetadata } from "../discovery.ts";
import type { JsonObject } from "../response/json.ts";
import { findBaseUrl } from "./base-url.ts";
import { checkMetadata, issuerViolations } from "./check-metadata.ts";
import { type DiscoveryOutcome, fetchDocument, textAt } from "./fetch-document.ts";
import type { Ladder, Located, Rung } from "./ladder.ts";
import { parseServerInput, type ServerAddress } from "./server-input.ts";
import { vouched } from "./vouched.ts";

/** Characters of what somebody typed that are repeated to them. */
const SHOWN = 100;

/**
 * Finds the authorization server of an API server, whose name, URL or user id is given: the first rung that is there counts,
 * whatever it says; only an absent one leads to the next (matrix.md section 3). Throws `DiscoveryError`, which names the rung.
 */
export async function findAuthorizationServer(ladder: Ladder, text: string, call: Call): Promise<Located> {
  const input = parseServerInput(text, call.allowHttp === true);
  if (!input) {
    const shown = JSON.stringify(text.slice(0, SHOWN));
    throw new DiscoveryError(`${shown} is not the name, user id or https URL of a ${ladder.noun}`, false);
  }
  const baseUrl = await findBaseUrl(ladder, input, call);
  for (const rung of ladder.rungs) {
    const found = await tryRung(ladder, rung, { input, baseUrl }, call);
    if (!found) continue;
    const located = { baseUrl, rung: rung.name, spelling: rung.spelling, ...found };
    return call.stranger ? vouched(located, call) : located;
  }
  throw await noAuthorizationServer(ladder, baseUrl, call);
}

interface Place {
  readonly input: ServerAddress;
  readonly baseUrl: string;
}

type LocatedMetadata = Pick<Located, "metadata" | "warnings" | "lifetime">;

/** Undefined: there is no such rung here. */
async function tryRung(ladder: Ladder, rung: Rung, place: Place, call: Call): Promise<LocatedMetadata | undefined> {
  const { input, baseUrl } = place;
  const url = (rung.atName && input.kind === "name" ? `https://${input.host}` : baseUrl) + rung.path;
  const step = `rung "${rung.name}"`;
  const outcome = await fetchDocument(ladder, step, url, call);
  if (outcome.kind === "absent") return undefined;
  if (outcome.kind === "problem") throw outcome.error;
  if (!rung.issuer) return judge(outcome, `${step} (GET ${url})`, call);
  const issuer = rung.issuer.map((path) => textAt(outcome.json, path)).find((named) => named !== undefined);
  // The document of the last rung is there for other reasons: without the key it says nothing about this.
  if (issuer === undefined && rung.atName) return undefined;
  if (issuer === undefined) throw new DiscoveryError(`${step} (GET ${url}) names no issuer`, false);
  return ofIssuer(ladder, step, issuer, call);
}

/** MX-D11: appended, never joined as a relative URL, which would drop the issuer's path. */
async function ofIssuer(ladder: Ladder, step: string, issuer: string, call: Call): Promise<LocatedMetadata> {
  const shown = issuer.slice(0, SHOWN * 2);
  const problems = issuerViolations({ issuer }, call.allowHttp === true);
  if (problems.length > 0)
    throw new DiscoveryError(`${step}: ${problems.join("; ")}, not ${JSON.stringify(shown)}`, false);
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const outcome = await fetchDocument(ladder, step, url, call);
  if (outcome.kind === "problem") throw outcome.error;
  if (outcome.kind === "absent") throw new DiscoveryError(`${step}: the issuer has no metadata (GET ${url})`, false);
  // MX-V5: byte for byte, the final slash included.
  if (outcome.json.issuer !== issuer) {
    throw new DiscoveryError(`${step} (GET ${url}): the metadata belong to another issuer than ${shown}`, false);
  }
  return judge(outcome, `${step} (GET ${url})`, call);
}

/** MX-D6: what is there and wrong ends the search, with everything that is wrong. */
function judge(
  { json, response }: Extract<DiscoveryOutcome, { kind: "json" }>,
  where: string,
  call: Call,
): LocatedMetadata {
  const allowHttp = call.allowHttp === true;
  const { violations, warnings } = checkMetadata(json, allowHttp);
  if (violations.length > 0)
    throw new DiscoveryError(`${where} has no usable metadata: ${violations.join("; ")}`, false);
  return { metadata: readMetadata(json, allowHttp), warnings, lifetime: metadataLifetime(response) };
}

/** MX-D10: what there is instead. */
async function noAuthorizationServer(ladder: Ladder, baseUrl: string, call: Call): Promise<DiscoveryError> {
  const { noun, older } = ladder;
  const outcome = await fetchDocument(ladder, 'rung "login"', baseUrl + older.path, call);
  if (outcome.kind === "problem" && outcome.error.temporary) return outcome.error;
  if (outcome.kind !== "json")
    return unsupported(`the ${noun} ${baseUrl} offers neither OAuth nor the older login API`);
  const flows = flowsOf(outcome.json, older);
  const told = flows.length === 0 ? "" : `: ${flows.join(", ")}`;
  return unsupported(`the ${noun} ${baseUrl} does not support OAuth, only the older login API${told}`);
}

function unsupported(text: string): DiscoveryError {
  return new DiscoveryError(text, false, { unsupported: true });
}

function flowsOf(json: JsonObject, { list, member }: Ladder["older"]): readonly string[] {
  const flows = json[list];
  if (!Array.isArray(flows)) return [];
  return flows
    .map((flow) => (typeof flow === "object" && flow !== null ? String(flow[member]) : ""))
    .filter((name) => /^[\w.-]{1,64}$/.test(name))
    .slice(0, 10);
}
