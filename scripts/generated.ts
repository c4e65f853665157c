import { Audit } from "../src/audit/audit.ts";
import type { Broker } from "../src/broker/broker.ts";
import { REASONS } from "../src/broker/errors.ts";
import type { KeyRotation } from "../src/broker/keys/keys.ts";
import { MountTable } from "../src/broker/process/mount-table.ts";
import { docsContent } from "../src/compose/docs-files.ts";
import { walkFiles } from "../src/compose/walk-files.ts";
import { configSchema } from "../src/config-file/schema.ts";
import { buildApp, openapiDocument } from "../src/http/app.ts";
import { FIRST_MOUNT } from "../src/mount-names.ts";
import { systemClock } from "../src/process/clock.ts";
import { createLog } from "../src/process/log.ts";
import { VERSION } from "../src/process/version.ts";
import { providersMarkdown } from "../src/providers/markdown.ts";
import { NO_ACCESS, NO_AUTH, NO_MOUNT_CHANGES } from "./no-access.ts";

/** Path → text of every document that is made from the code; a test compares them with what is checked in. */
export async function generated(): Promise<Readonly<Record<string, string>>> {
  return {
    "docs/providers.md": providersMarkdown(),
    "docs/errors.md": errorsMarkdown(),
    "docs/config.schema.json": `${JSON.stringify(configSchema(), null, 2)}\n`,
    "docs/openapi.json": `${JSON.stringify(await document(), null, 2)}\n`,
  };
}

/** Describing the routes calls none of them, so this app has nothing behind it. */
async function document(): Promise<unknown> {
  const app = buildApp({
    broker: {} as Broker,
    access: NO_ACCESS,
    auth: NO_AUTH,
    mounts: new MountTable([FIRST_MOUNT]),
    mountChanges: NO_MOUNT_CHANGES,
    audit: new Audit(),
    authenticate: async () => undefined,
    clock: systemClock,
    logger: createLog("silent"),
    limiter: { take: () => 0 },
    health: () => ({ initialized: true, sealed: false, storeDown: false, copy: false }),
    clusterId: "",
    metrics: async () => "",
    providers: { ids: () => [], read: () => undefined },
    activity: async () => ({
      gauges: { operations: 0, refreshes: 0, waiting: 0, programs: 0, paused: 0, copy: false, moved: false },
      hour: [],
      day: [],
      calls: [],
    }),
    keys: {} as KeyRotation,
    handOver: { go: async () => 0 },
    walkFiles,
    docs: async () => docsContent(),
    storageType: "file",
    version: VERSION,
  });
  return openapiDocument(app);
}

/** Of a read of `creds` and `self`, of a write, and of a token exchange. */
const STATUS = {
  person: "400 | 400 | 400",
  operator: "503 | 400 | 400",
  time: "503 | 502 | 503",
} as const;

function errorsMarkdown(): string {
  const rows = Object.entries(REASONS).map(([reason, { fixedBy, means }]) => {
    // Without its server an exchange is never sent.
    const status = reason.startsWith("server_") ? "503 | 400 | 503" : STATUS[fixedBy];
    return `| \`${reason}\` | ${fixedBy} | ${status} | ${means} |`;
  });
  return [
    "# Reasons",
    "",
    "Generated from `src/broker/errors.ts` by `npm run generate`. The `data.reason` of an error response is one of these codes. The",
    "code is stable; the text beside it is for people. A read of `creds` or `self` answers 503 for what an operator can fix, because the",
    "same read works afterwards; a write and a token exchange (`sts`) that the provider refuses are over.",
    "",
    "| Reason | Who can fix it | Read | Write | `sts` | What it means |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
