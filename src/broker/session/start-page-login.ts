import { randomInt } from "node:crypto";
import type { CodePending } from "../../credential/index.ts";
import { userCode } from "../../session/index.ts";
import type { CredentialWrite } from "../credential/credential-write.ts";
import { metadataForLogin } from "../credential/redeem-write.ts";
import { invalid } from "../errors.ts";
import { type Context, newId } from "../process/context.ts";
import { newGeneration } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { plainRow } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { type PageLogin, userCodeKey } from "../record/user-codes.ts";

/**
 * A login by the broker's own page: a code of our own, which a person types at `/device` before anything is asked of the
 * provider. The credential is pending like any other that waits for a link.
 */
export async function startPageLogin(context: Context, write: CredentialWrite): Promise<void> {
  const { mount, name, server, input, session } = write;
  const metadata = await metadataForLogin(context, mount, { server, providerOptions: input.providerOptions });
  if (metadata.authorization_endpoint === undefined) throw invalid("authorization code URL not available");
  if (context.publicUrl === undefined) {
    throw invalid("no external address configured: the page needs one (--public-url)");
  }
  const settings = await settingsOf(context, mount);
  const now = context.clock.now();
  const expiresAt = now + settings.authorizationFlowSeconds * 1000;
  const code = await newUserCode(context, { mount, credential: name, expiresAt });
  const pending: CodePending = {
    status: "pending",
    flow: "code",
    grant: grantOf(server, input, session),
    url: `${context.publicUrl}/device`,
    userCode: code,
    expiresAt,
    startedAt: now,
  };
  const started = { kind: "code", outcome: "started" } as const;
  const row = await newGeneration(context, { mount, name, id: newId() }, pending, settings, started);
  await context.store.write(row, { absent: true });
  context.wake();
}

/** Stored under a keyed hash of it; two logins never have the same code. */
async function newUserCode(context: Context, { mount, ...login }: PageLogin & { mount: string }): Promise<string> {
  for (;;) {
    const code = userCode((bound) => randomInt(bound));
    const place = { ...userCodeKey(context, mount, code), id: newId() };
    const row = plainRow(context, place, login satisfies PageLogin, { task: "expire", dueAt: login.expiresAt });
    if (await context.store.write(row, { absent: true })) return code;
  }
}
