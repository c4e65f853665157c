import { type ListParameters, rfc3339, type CredentialInfo as WireInfo } from "../../api/index.ts";
import type {
  CredentialCounts,
  CredentialInfo,
  CredentialList,
  FoundCredentials,
  Names,
  Page,
} from "../../broker/broker.ts";
import { REASONS } from "../../broker/errors.ts";
import { type Reply, sendParts } from "../answer/answer.ts";
import { envelopeOf, sendData } from "../answer/envelope.ts";
import { badRequest, notFound } from "../answer/http-error.ts";

/** `after` and the keys of the answer are relative to the prefix, the broker's names are not. */
export function pageOf(prefix: string, { after, limit }: Required<Pick<ListParameters, "after" | "limit">>): Page {
  if (limit < 0) throw badRequest("limit cannot be negative");
  return { prefix, ...(after !== "" && { after: prefix + after }), ...(limit > 0 && { limit }) };
}

interface More {
  /** By name. */
  readonly info?: CredentialList["info"];
  /** A page that is so long may not be the last one. */
  readonly full?: number;
  readonly counts?: CredentialCounts | undefined;
  readonly warnings?: readonly string[];
}

/** Names as keys below a prefix, with what is known of each (oauthapp.md 5.3); of nothing a 404. Many are sent as they are read. */
export async function sendKeys(
  reply: Reply,
  prefix: string,
  names: Names,
  { info, full, counts, warnings = [] }: More = {},
): Promise<Reply> {
  const slices = keysBelow(prefix, names);
  const { value: first } = await slices.next();
  if (!first) throw notFound();
  const { value: second } = await slices.next();
  if (second) return sendParts(reply, listParts(reply, { first, second, slices }, warnings));
  const described = first.flatMap((key) => {
    const found = info?.get(prefix + key);
    return found ? [[key, keyInfo(found)] as const] : [];
  });
  const next = first.length === full ? first.at(-1) : undefined;
  const data = {
    keys: first,
    ...(info && { key_info: Object.fromEntries(described) }),
    ...(counts && { counts }),
    ...(next !== undefined && { next }),
  };
  return sendData(reply, data, { warnings });
}

/** What a filter let through; nothing is an answer too, since more may follow. */
export function sendFound(
  reply: Reply,
  prefix: string,
  { found, next }: FoundCredentials,
  counts: CredentialCounts | undefined,
): Reply {
  const keys = [...found].map(([name, info]) => [name.slice(prefix.length), keyInfo(info)] as const);
  return sendData(reply, {
    keys: keys.map(([key]) => key),
    key_info: Object.fromEntries(keys),
    ...(counts && { counts }),
    ...(next !== undefined && { next: next.slice(prefix.length) }),
  });
}

async function* keysBelow(prefix: string, names: Names): AsyncGenerator<readonly string[], undefined> {
  for await (const slice of names) if (slice.length > 0) yield slice.map((name) => name.slice(prefix.length));
}

interface Slices {
  readonly first: readonly string[];
  readonly second: readonly string[];
  readonly slices: AsyncIterable<readonly string[]>;
}

/** The envelope, with the keys put in one slice after the other. */
async function* listParts(reply: Reply, { first, second, slices }: Slices, warnings: readonly string[]) {
  const empty = '"keys":[]';
  const [head = "", tail = ""] = JSON.stringify(envelopeOf(reply, { keys: [] }, { warnings })).split(empty);
  const inside = (keys: readonly string[]) => JSON.stringify(keys).slice(1, -1);
  yield `${head}"keys":[${inside(first)},${inside(second)}`;
  for await (const keys of slices) yield `,${inside(keys)}`;
  yield `]${tail}\n`;
}

export function keyInfo({ status, server, reason, expiresAt, account }: CredentialInfo): WireInfo {
  return {
    status,
    server,
    ...(reason !== undefined && { reason, fixed_by: REASONS[reason].fixedBy }),
    ...(expiresAt !== undefined && { expire_time: rfc3339(expiresAt) }),
    ...(account && { account }),
  };
}
