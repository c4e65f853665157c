import { createReadStream } from "node:fs";
import { type Expected, type Findings, Verifier } from "../../audit/verify.ts";
import { CliError, usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";

export interface VerifyFlags {
  readonly key?: string;
  readonly head?: string;
  readonly continued?: boolean;
}

/** Looks through the files of one device, the oldest first. What does not fit fails the command. */
export async function verifyAudit(out: Output, files: readonly string[], flags: VerifyFlags): Promise<void> {
  const verifier = new Verifier(expectedOf(flags));
  for (const file of files) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      verifier.take(line, `${file}:${number}`);
    }
  }
  const findings = verifier.end();
  const { problems } = findings;
  if (findings.lines === 0) throw new CliError("audit_broken", `${files.join(", ")}: there is no line of an audit log`);
  if (problems.length > 0) throw new CliError("audit_broken", problems.join("\n"));
  out.result(describe(findings, flags.key), findings);
}

function expectedOf({ key, head, continued = false }: VerifyFlags): Expected {
  const [, line = "", hash = ""] = /^(\d+):([\w-]{43})$/.exec(head ?? "") ?? [];
  if (head !== undefined && line === "") {
    throw usage("--head must be LINE:HASH, as audit_head of the broker's log has them");
  }
  return { key, isContinued: continued, ...(head !== undefined && { head: { line: Number(line), hash } }) };
}

function describe({ lines, first, last, heads, unsigned, keys, notes }: Findings, key?: string): readonly string[] {
  const signed = heads === 0 ? "none of them is signed" : `${heads} heads are signed, by ${keys.join(", ")}`;
  return [
    `${lines} lines, ${first} to ${last}, are as they were written; ${signed}.`,
    ...(unsigned > 0
      ? [`The last ${unsigned} are not signed yet: whoever can write the file could have changed them.`]
      : []),
    ...(key === undefined && heads > 0
      ? ["Compare the key with signing_key of sys/audit (coatcheck read sys/audit), or give it with --key."]
      : []),
    ...notes.map((note) => `Note: ${note}.`),
  ];
}

const LINE_FEED = 0x0a;

/** Each without its end; a last one that has none, too. */
async function* linesOf(file: string): AsyncGenerator<Uint8Array> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file)) {
    let bytes: Buffer = chunk;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED)) {
      yield Buffer.concat([...rest, bytes.subarray(0, end)]);
      rest = [];
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > 0) rest.push(bytes);
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
