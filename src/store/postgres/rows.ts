import type { Beside, Kind, Row, Task } from "../port.ts";
import type { Values } from "./statement.ts";

/** A row as the driver gives it: bigint as text, bytea as Buffer. */
export interface RawRow {
  readonly id: string;
  readonly mount: string;
  readonly kind: Kind;
  readonly name: string;
  readonly server: string | null;
  readonly task: Task | null;
  readonly due_at: string | null;
  readonly lineage: string | null;
  readonly revision: string;
  readonly claim: string | null;
  readonly claim_until: string | null;
  readonly intent: string | null;
  readonly escrow: Buffer | null;
  readonly sealed: Buffer;
}

export function toRow(raw: RawRow): Row {
  const { id, mount, kind, name, server, task, lineage, claim, intent, escrow, sealed } = raw;
  return {
    id,
    mount,
    kind,
    name,
    server,
    task,
    dueAt: number(raw.due_at),
    lineage,
    revision: Number(raw.revision),
    claim,
    claimUntil: number(raw.claim_until),
    intent,
    escrow,
    sealed,
  };
}

function number(value: string | null): number | null {
  return value === null ? null : Number(value);
}

/** The content columns as named parameters. */
export function contentOf(row: Beside): Values {
  const { id, mount, kind, name, server, task, dueAt, lineage, sealed, facets = null } = row;
  return { id, mount, kind, name, server, task, dueAt, lineage, sealed, facets };
}
