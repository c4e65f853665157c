import type { FastifyRequest } from "fastify";
import { type Html, html } from "../../html.ts";
import type { SayFace } from "../../messages/face/index.ts";
import { describeError } from "../answer/describe-error.ts";
import type { Deps } from "../app-types.ts";

/** Ways of people to a sign-in, where methods of that kind are enabled: one button each. Without them the page is still one for tokens. */
export async function oidcButtons({ id }: FastifyRequest, deps: Deps, say: SayFace, guard: Html): Promise<Html> {
  const { auth, publicUrl, logger } = deps;
  if (publicUrl === undefined) return html``;
  const mounts = await auth.mounts().catch((error: unknown) => {
    logger.warn("sign_in_methods_unread", { requestId: id, ...describeError(error) });
    return [];
  });
  const forms = mounts
    .filter(({ type }) => type === "oidc")
    .map(
      ({ path, description }) =>
        html`<form method="post" action="/ui/oidc/${encodeURIComponent(path)}">${guard}
<div class="buttons"><button class="quiet">${say("sign-in.by", { name: description || path })}</button></div></form>\n`,
    );
  return html`${forms}`;
}
