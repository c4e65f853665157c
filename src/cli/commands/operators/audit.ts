import type { Command } from "commander";
import { type OperatorFlags, operatorOf, TOKEN_FILE } from "../../connect/operator.ts";
import type { VerifyFlags } from "../../data/verify-audit.ts";
import { define, defineHere, group, run } from "../../frame/command.ts";
import { parseParameters, plainPath } from "../../frame/parameters.ts";
import { showAnswer } from "../../frame/show-answer.ts";

const EXPLANATION = `
While a device is enabled the broker answers nothing without a record: each request has a line before it is carried out and one before
its answer leaves. See docs/audit.md.`;

export function auditCommand(): Command {
  return group("audit", "Keep a record of every request, and find out whether it was changed.", [
    ["coatcheck audit enable file file_path=/var/log/coatcheck/audit.log", ""],
    ["coatcheck audit list", ""],
    ["coatcheck audit disable file", ""],
    ["coatcheck audit verify /var/log/coatcheck/audit.log", ""],
  ])
    .addHelpText("after", EXPLANATION)
    .addCommand(enable())
    .addCommand(list())
    .addCommand(disable())
    .addCommand(verify());
}

interface EnableFlags extends OperatorFlags {
  readonly path?: string;
  readonly description?: string;
}

function enable(): Command {
  return define("enable", "Enable an audit device: from now on nothing is answered without a line in it.", [
    ["coatcheck audit enable file file_path=/var/log/coatcheck/audit.log", ""],
    ["coatcheck audit enable file file_path=stdout", ""],
    ["coatcheck audit enable --path siem socket address=10.0.0.5:601 socket_type=tcp", "lines of JSON over TCP"],
  ])
    .argument("<type>", "file or socket")
    .argument("[options...]", "key=value")
    .option("--path <name>", "what it is called (default: the type)")
    .option("--description <text>", "for people")
    .option(...TOKEN_FILE)
    .action(
      run<EnableFlags>(async (out, [type = "", ...given], flags) => {
        const { path = type, description = "" } = flags;
        const body = { type, description, options: await parseParameters(given) };
        await (await operatorOf(flags)).write(`sys/audit/${plainPath(path)}`, body);
        out.result(`The audit device ${path} is enabled.`, { path, enabled: true });
      }),
    );
}

function list(): Command {
  return define("list", "List the audit devices.", [["coatcheck audit list", ""]])
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, _args, flags) => {
        showAnswer(out, await (await operatorOf(flags)).read("sys/audit"));
      }),
    );
}

function disable(): Command {
  return define("disable", "Disable an audit device.", [["coatcheck audit disable file", ""]])
    .argument("<name>")
    .option(...TOKEN_FILE)
    .action(
      run<OperatorFlags>(async (out, [name = ""], flags) => {
        await (await operatorOf(flags)).delete(`sys/audit/${plainPath(name)}`);
        out.result(`The audit device ${name} is disabled.`, { path: name, enabled: false });
      }),
    );
}

function verify(): Command {
  return defineHere("verify", "Find out whether the lines of an audit log are as they were written.", [
    ["coatcheck audit verify /var/log/coatcheck/audit.log", ""],
    ["coatcheck audit verify audit.log.2 audit.log.1 audit.log", "after a rotation: the oldest first"],
    ["coatcheck audit verify audit.log --key MCowBQ… --head 1042:xVq…", "with what was noted elsewhere"],
  ])
    .argument("<files...>", "of one device, the oldest first")
    .option("--key <key>", "the key that heads must be signed with: signing_key of sys/audit")
    .option("--head <line:hash>", "a line that must be there: audit_head of the broker's log")
    .option("--continued", "earlier lines are in files that are not here")
    .action(
      run<VerifyFlags>(async (out, files, flags) => {
        const { verifyAudit } = await import("../../data/verify-audit.ts");
        await verifyAudit(out, files, flags);
      }),
    );
}
