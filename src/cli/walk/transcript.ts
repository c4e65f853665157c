import { STEPS, type StepName } from "../../api/walk.ts";
import { asCurl, asTypeScript, type Exchange, type Finding, masked, type StepResult } from "../../compose/walk.ts";
import { sayWalk, type WalkKey, type WalkLanguage, type WalkMessage } from "../../messages/walk/index.ts";
import type { Lines, Output } from "../frame/output.ts";
import type { FORMS } from "./forms.ts";

/** What the walk prints: a text for people, or a line of JSON for each exchange and step. */
export interface Transcript {
  begin(step: StepName): void;
  tell(step: StepName, result: StepResult): void;
  /** Something the person needs, as a text and for programs. */
  tellAlso(text: Lines, object: object): void;
  /** A sentence between two requests. */
  note(key: WalkKey): void;
  /** A text in the language of the walk. */
  say(key: WalkKey, values?: NonNullable<WalkMessage["values"]>): string;
  textOf(finding: Finding): string;
}

export interface TranscriptFlags {
  readonly reveal?: boolean;
  /** Each request in another form besides. */
  readonly as?: (typeof FORMS)[number];
  readonly language: WalkLanguage;
}

const COPIES = { curl: asCurl, typescript: asTypeScript } satisfies Record<(typeof FORMS)[number], unknown>;

export function createTranscript(out: Output, { reveal = false, as, language }: TranscriptFlags): Transcript {
  const say = (key: WalkKey, values: NonNullable<WalkMessage["values"]> = {}) => sayWalk(language, { key, values });
  const textOf = ({ said, link }: Finding) =>
    [sayWalk(language, said), ...(link === undefined ? [] : [link])].join(" ");
  return {
    say,
    textOf,
    note: (key) => out.result(["", `  ${say(key)}`], { event: "note", text: say(key) }),
    tellAlso: (text, object) => out.result(text, object),
    begin: (step) => {
      const { number, link } = STEPS[step];
      const title = out.resultStyle("bold", `${number} ${say(`${step}.title`)}`);
      const lines = ["", title, say(`${step}.text`), out.resultStyle("dim", link)];
      if (!out.json) out.result(lines, {});
    },
    tell: (step, { ok, exchanges, findings }) => {
      for (const exchange of exchanges.map((one) => masked(one, reveal))) {
        const { masks: _, ...object } = exchange;
        const copy = as && COPIES[as](exchange);
        const text = [...exchangeLines(out, exchange), ...(copy === undefined ? [] : ["", ...copy.split("\n")])];
        out.result(text, { event: "exchange", step, ...object, ...(as && { [as]: copy }) });
      }
      const told = findings.map((finding) => ({ kind: finding.kind, text: textOf(finding) }));
      const found = told.map(({ kind, text }) => `  ${out.resultStyle(STYLES[kind], SIGNS[kind])} ${text}`);
      out.result(found, { event: "step", step, ok, findings: told });
    },
  };
}

const STYLES = { good: "green", bad: "red", warning: "yellow", note: "dim" } as const;
const SIGNS = { good: "✓", bad: "✗", warning: "!", note: "·" } as const;

/** As it went over the wire; a form one member a line (MX-P4). */
function exchangeLines(
  out: Output,
  { method, url, headers, body, bodyKind, answer, trouble, milliseconds }: Exchange,
): readonly string[] {
  const sent = body === undefined ? [] : bodyLines(body, bodyKind);
  const came = answer
    ? [
        out.resultStyle("cyan", `< ${answer.status} in ${milliseconds} ms`),
        ...headerLines(answer.headers),
        ...bodyLines(answer.body, "json"),
      ]
    : [out.resultStyle("red", `< no answer after ${milliseconds} ms: ${trouble}`)];
  const lines = [out.resultStyle("cyan", `> ${method} ${url}`), ...headerLines(headers), ...sent, ...came];
  return ["", ...lines.map((line) => `  ${line}`)];
}

function headerLines(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
}

function bodyLines(body: string, kind: Exchange["bodyKind"]): readonly string[] {
  if (body === "") return [];
  const lines =
    kind === "form"
      ? [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`)
      : indented(body).split("\n");
  return lines.map((line) => `    ${line}`);
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
