import { html } from "../../../html.ts";
import { checkbox } from "../fields.ts";
import type { Screen } from "../frame.ts";
import { sentence } from "../texts.ts";
import type { Visit } from "../visit.ts";
import { credentialPath, type Place } from "./paths.ts";

/** What would happen, before it does. */
export function revokeScreen({ say, guard }: Visit, { mount, name }: Place): Screen {
  const title = say("revoke.title", { name });
  const address = credentialPath(mount, name);
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("revoke.text")}</p>
<form class="fields" method="post" action="${address}">${guard}
${checkbox({ name: "keep", label: say("revoke.keep"), value: "" })}
<div class="buttons"><button class="deny" name="do" value="revoke">${say("revoke.submit")}</button>
<a class="button quiet" href="${address}">${say("revoke.cancel")}</a></div>
</form>`,
  };
}

export function revokedScreen({ say }: Visit, { mount, name }: Place, warnings: readonly string[]): Screen {
  const title = say("revoked.title", { name });
  return {
    title,
    body: html`<h1>${title}</h1>
<p>${say("revoked.text")}</p>
${warnings.map((warning) => html`<p class="warning">${sentence(warning)}</p>\n`)}<div class="buttons"><a class="button" href="/ui/credentials?${new URLSearchParams({ mount }).toString()}">${say("revoked.back")}</a></div>`,
  };
}
