import type { Grant, GrantClient } from "../../credential/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import type { Destination } from "../record/grant.ts";
import { openContent, sealContent } from "../record/records.ts";
import { eachOfKind, unlessDamaged } from "../record/rows.ts";
import { clientNamedBy, destinationsIn, placesOfGrants } from "./former-clients.ts";
import type { ServerRecord } from "./server-record.ts";

/**
 * Before a record names another client, or goes: a grant from before grants named their client was issued to the one that
 * the record names until now, and is told so, or it would be taken along to the next.
 */
export async function nameClient(context: Context, mount: string, server: string, record: ServerRecord): Promise<void> {
  const client = clientNamedBy(record);
  if (!client) return;
  for (const place of placesOfGrants(server, record)) {
    await eachOfKind(context, { mount, ...place }, (row) => unlessDamaged(() => nameIn(context, row, server, client)));
  }
}

/** A row that changes meanwhile is looked at again: what happened to it need not have brought the client's name. */
async function nameIn(context: Context, row: Row, server: string, client: GrantClient): Promise<void> {
  const [grant] = destinationsIn(context, row);
  if (grant?.server !== server || grant.client || grant.binding?.client) return;
  const sealed = sealContent(context, row, withClient(openContent<Content>(context, row), client));
  const { id, revision } = row;
  if (await context.store.write({ ...row, sealed }, { id, revision })) return;
  const present = await context.store.readById(id);
  if (present?.kind === row.kind) await nameIn(context, present, server, client);
}

/** What holds a grant, or is its destination: the rows of `placesOfGrants`. */
interface Content extends Partial<Destination> {
  readonly credential?: State;
  readonly grant?: Destination;
}

/** A credential, and the login within it that it takes the place of or that has ended. */
interface State {
  readonly grant: Grant;
  readonly replaces?: State;
  readonly last?: State;
}

function withClient(content: Content, client: GrantClient): Content {
  if (content.credential) return { ...content, credential: stateOf(content.credential, client) };
  if (content.grant) return { ...content, grant: { client, ...content.grant } };
  return { ...content, client };
}

function stateOf({ grant, replaces, last, ...rest }: State, client: GrantClient): State {
  return {
    ...rest,
    grant: { client, ...grant },
    ...(replaces && { replaces: stateOf(replaces, client) }),
    ...(last && { last: stateOf(last, client) }),
  };
}
