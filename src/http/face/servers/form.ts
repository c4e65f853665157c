import { type Html, html } from "../../../html.ts";
import type { Facts } from "../facts.ts";
import { checkbox, choices, textField } from "../fields.ts";
import type { Screen } from "../frame.ts";
import { sentence } from "../texts.ts";
import type { Visit } from "../visit.ts";
import { trialView } from "./trial-view.ts";

export interface Filled {
  readonly mount: string;
  readonly name: string;
  readonly provider: string;
  /** What the provider wants to be told. */
  readonly rules: Facts;
  /** As it is, where one is edited. */
  readonly present?: Facts | undefined;
}

/** What came of the last test or write. */
export interface Said {
  readonly status: number;
  readonly problem?: string;
  readonly warnings?: readonly string[];
  readonly isGood?: true;
  /** Of a test. */
  readonly steps?: readonly Facts[] | undefined;
}

/** Its client signs: no read tells by which key and how, and no form could give it back. */
export function isKeyed(server: Facts): boolean {
  return /_jwt$/.test(server.text("token_endpoint_auth_method") ?? "");
}

/** A form made of the provider's own rules: those that it needs first, the others behind a fold. */
export async function formScreen(visit: Visit, filled: Filled, said?: Said): Promise<Screen> {
  const { say, guard, form } = visit;
  const { mount, name, provider, rules, present } = filled;
  const title = present ? say("form.edit", { name }) : say("form.title", { provider });
  const isRegistered = present?.isTrue("registered") ?? false;
  const client = {
    name: "client_id",
    label: say("form.client-id"),
    value: form.client_id ?? (isRegistered ? "" : (present?.text("client_id") ?? "")),
    help: say(isRegistered ? "form.client-id.registered" : "form.client-id.help"),
    isRequired: rules.isTrue("client_id") && !rules.of("options").knows("registration"),
  };
  const isOpen = form.provider === undefined ? present?.isTrue("allow_sessions") : form.allow_sessions === "yes";
  const [needed, others] = optionFields(visit, filled);
  const [check, write] = [`${mount}/check/servers/${name || "new"}`, `${mount}/servers/${name || "new"}`];
  const may = await visit.may(check, write);
  const [mayTest, mayWrite] = [may("update", check), may("update", write)];
  return {
    title,
    ...(said && { status: said.status }),
    body: html`<h1>${title}</h1>
${registration(visit, filled)}
${said && outcome(visit, said)}<form class="fields" method="post" action="/ui/new-server">${guard}
<input type="hidden" name="mount" value="${mount}"><input type="hidden" name="provider" value="${provider}">
${present && html`<input type="hidden" name="edits" value="yes"><input type="hidden" name="name" value="${name}">`}${!present && textField({ name: "name", label: say("form.name"), value: name, isRequired: true, help: say("form.name.help") })}
${textField(client)}
${secretField(visit, filled, "client_secret")}
${present?.texts("secrets").includes("initial_access_token") && secretField(visit, filled, "initial_access_token")}
${needed}
${checkbox({ name: "allow_sessions", label: say("form.sessions"), value: isOpen ? "yes" : "" })}
<details><summary>${say("form.more")}</summary>${others}
${methodField(visit, filled)}</details>
<div class="buttons">${mayTest && html`<button class="quiet" name="do" value="test">${say("form.test")}</button>`}${mayWrite && html`<button name="do" value="save">${say("form.save")}</button>`}</div>
${mayTest && html`<span class="help">${say("form.test.help")}</span>\n`}</form>
${said?.steps && trialView(visit, said.steps)}`,
  };
}

/** What no read shows has to be entered again where it is there: a write without it would take it away. */
function secretField({ say }: Visit, { present }: Filled, name: "client_secret" | "initial_access_token"): Html {
  const isRequired = present?.texts("secrets").includes(name) ?? false;
  const help = say(isRequired ? "form.secret.again" : "form.secret.help");
  return textField({ name, label: say(`form.${name}`), value: "", type: "password", isRequired, help });
}

/** Those of RFC 7591 2 by which nothing has to be signed. */
const METHODS = ["none", "client_secret_basic", "client_secret_post"];

function methodField({ say, form }: Visit, { present }: Filled): Html {
  const chosen = present?.isTrue("auth_method_chosen") ? present.text("token_endpoint_auth_method") : "";
  return choices({
    name: "token_endpoint_auth_method",
    label: say("server.method"),
    value: form.token_endpoint_auth_method ?? chosen ?? "",
    help: say("form.method.help"),
    options: [["", say("form.choice")], ...METHODS.map((one) => [one, one] as const)],
  });
}

/** Where an application is registered, and what is to be entered there. */
function registration({ say, mountFacts }: Visit, { mount, rules }: Filled): Html {
  const redirect = mountFacts.of(`${mount}/`).of("options").text("callback_url");
  const [register, docs, note] = [rules.text("register"), rules.text("docs") ?? "", rules.text("note")];
  const link = register !== undefined && /^https:\/\/[^{]*$/.test(register) ? register : docs;
  return html`<div class="panel"><p>${say("form.register")} <a rel="noreferrer" target="_blank" href="${link}">${link}</a>${link !== docs && html` (<a rel="noreferrer" target="_blank" href="${docs}">${say("form.docs")}</a>)`}</p>
${redirect !== undefined && html`<p>${say("form.redirect")}<br><code>${redirect}</code></p>\n`}${note !== undefined && html`<p class="soft">${sentence(note)}</p>\n`}</div>`;
}

function outcome({ say }: Visit, { problem, warnings = [], isGood }: Said): Html {
  return html`${problem !== undefined && html`<p class="problem after" role="alert">${problem}</p>\n`}${isGood && html`<p class="note after" role="status">${say("form.tested")}</p>\n`}${warnings.map((text) => html`<p class="warning">${say("form.warning", { text: sentence(text) })}</p>\n`)}`;
}

function optionFields(
  { say, form }: Visit,
  { rules, present }: Filled,
): readonly [needed: readonly Html[], others: readonly Html[]] {
  const options = rules.of("options");
  const fields = options.names().map((name) => {
    const rule = options.of(name);
    const value = form[`option.${name}`] ?? present?.of("provider_options").text(name) ?? "";
    const [usual, unless] = [rule.text("default"), rule.text("unless")];
    const help = [
      sentence(rule.text("about") ?? ""),
      ...(usual === undefined ? [] : [say("form.option.default", { value: usual })]),
      ...(unless === undefined ? [] : [say("form.option.unless", { name: unless })]),
    ].filter((text) => text !== "" && text !== ".");
    const isRequired = rule.isTrue("required") && unless === undefined;
    const field = {
      name: `option.${name}`,
      label: name,
      value,
      isRequired,
      help: help.length > 0 ? help.join(" ") : undefined,
    };
    const values = rule.texts("choices").map((one) => [one, one] as const);
    const control =
      values.length > 0 ? choices({ ...field, options: [["", say("form.choice")], ...values] }) : textField(field);
    return { control, isFirst: rule.isTrue("required") || value !== "" };
  });
  return [
    fields.filter(({ isFirst }) => isFirst).map(({ control }) => control),
    fields.filter(({ isFirst }) => !isFirst).map(({ control }) => control),
  ];
}
