import { type Html, html } from "../../html.ts";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly help?: string | undefined;
  readonly isRequired?: boolean;
  /** What is wrong with it. */
  readonly problem?: string | undefined;
}

/** One line of text, as it is typed: nothing corrects or keeps it. */
export function textField(field: Field & { readonly type?: "text" | "password" }): Html {
  const { name, value, type = "text", isRequired = false } = field;
  return around(
    field,
    html`<input id="f-${name}" name="${name}" type="${type}" value="${value}"${isRequired && html` required`} autocomplete="off" autocapitalize="none" spellcheck="false"${marks(field)}>`,
  );
}

/** A text of several lines, as code is written. */
export function textArea(field: Field & { readonly rows: number }): Html {
  const { name, value, rows, isRequired = false } = field;
  return around(
    field,
    // A newline behind the tag is not part of the text.
    html`<textarea class="source" id="f-${name}" name="${name}" rows="${rows}"${isRequired && html` required`} autocomplete="off" autocapitalize="none" spellcheck="false"${marks(field)}>\n${value}</textarea>`,
  );
}

export function choices(
  field: Field & { readonly options: readonly (readonly [value: string, label: string])[] },
): Html {
  const { name, value, options } = field;
  const all = options.map(
    ([one, label]) => html`<option value="${one}"${one === value && html` selected`}>${label}</option>`,
  );
  return around(field, html`<select id="f-${name}" name="${name}"${marks(field)}>${all}</select>`);
}

/** One of few, all in sight. */
export function radios({
  name,
  label,
  value,
  options,
}: Field & { readonly options: readonly (readonly [value: string, label: string])[] }): Html {
  return html`<fieldset><legend>${label}</legend>
${options.map(
  ([one, text]) =>
    html`<label class="choice"><input type="radio" name="${name}" value="${one}"${one === value && html` checked`}> ${text}</label>\n`,
)}</fieldset>
`;
}

export function checkbox({ name, label, value }: Field): Html {
  return html`<label class="choice"><input type="checkbox" name="${name}" value="yes"${value === "yes" && html` checked`}> ${label}</label>
`;
}

function around({ name, label, help, problem }: Field, control: Html): Html {
  return html`<div><label for="f-${name}">${label}</label>
${problem !== undefined && html`<span class="problem small" id="p-${name}">${problem}</span>\n`}${control}
${help !== undefined && html`<span class="help" id="h-${name}">${help}</span>\n`}</div>
`;
}

function marks({ name, help, problem }: Field): Html {
  const ids = [...(problem === undefined ? [] : [`p-${name}`]), ...(help === undefined ? [] : [`h-${name}`])].join(" ");
  return html`${ids !== "" && html` aria-describedby="${ids}"`}${problem !== undefined && html` aria-invalid="true"`}`;
}
