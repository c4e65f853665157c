import { type Reply, sendJson, sendNothing } from "./answer.ts";

export interface Extras {
  /** Whole seconds. */
  readonly leaseDuration?: number;
  readonly warnings?: readonly string[];
}

/** 200 with Vault's envelope: all eight keys, always. */
export function sendData(reply: Reply, data: unknown, extras: Extras = {}): Reply {
  return sendJson(reply, 200, envelopeOf(reply.request.id, data, extras));
}

/** 204, or 200 with an envelope when there are warnings. */
export function sendDone(reply: Reply, warnings: readonly string[] = []): Reply {
  return warnings.length === 0 ? sendNothing(reply) : sendData(reply, null, { warnings });
}

export function envelopeOf(requestId: string, data: unknown, extras: Extras) {
  const { leaseDuration = 0, warnings = [] } = extras;
  return {
    request_id: requestId,
    lease_id: "",
    renewable: false,
    lease_duration: Math.max(0, Math.floor(leaseDuration)),
    data,
    wrap_info: null,
    warnings: warnings.length > 0 ? warnings : null,
    auth: null,
  };
}

/** Names shown of what was ignored: all of any sensible request, and not a megabyte of them. */
const SHOWN_NAMES = 20;
const SHOWN_LENGTH = 64;

/** The warnings about parameters nobody reads; `fromPath` are those the path gave already. */
export function inputWarnings(ignored: readonly string[], fromPath: readonly string[] = []): string[] {
  const replaced = ignored.filter((name) => fromPath.includes(name));
  const unknown = ignored.filter((name) => !fromPath.includes(name));
  return [
    ...(unknown.length > 0 ? [`Endpoint ignored these unrecognized parameters: ${listText(unknown)}`] : []),
    ...(replaced.length > 0
      ? [
          `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: ${listText(replaced)}`,
        ]
      : []),
  ];
}

function listText(names: readonly string[]): string {
  return `[${names
    .slice(0, SHOWN_NAMES)
    .map((name) => name.slice(0, SHOWN_LENGTH).toWellFormed())
    .join(" ")}]`;
}
