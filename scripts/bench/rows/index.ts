import type { Row } from "../bench.ts";
import { auditRow } from "./audit.ts";
import { dashboardRow } from "./dashboard.ts";
import { importsRow } from "./imports.ts";
import { instancesRow } from "./instances.ts";
import { pendingRow } from "./pending.ts";
import { proxyRow } from "./proxy.ts";
import { randomRow } from "./random.ts";
import { readsRow } from "./reads.ts";
import { refreshesRow } from "./refreshes.ts";
import { startRow } from "./start.ts";
import { steadyRow } from "./steady.ts";
import { tokenRow } from "./token.ts";
import { wakeupRow } from "./wakeup.ts";
import { watchedRow } from "./watched.ts";

/** In the order of the report. */
export const ROWS: readonly Row[] = [
  ...[readsRow, auditRow, watchedRow, randomRow, importsRow, startRow, tokenRow, dashboardRow],
  ...[refreshesRow, steadyRow, pendingRow, wakeupRow, proxyRow, instancesRow],
];
