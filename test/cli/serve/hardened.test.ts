import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What the process itself knows at its end. */
const TELL = `process.on("exit", () => {
  const { excludeEnv, reportOnFatalError, reportOnSignal, reportOnUncaughtException } = process.report;
  const reports = [!excludeEnv, reportOnFatalError, reportOnSignal, reportOnUncaughtException];
  process._rawDebug("told " + JSON.stringify({ proto: "__proto__" in Object.prototype, reports }));
});`;

/** A report that somebody wanted of other programs. */
const OPTIONS = `--report-uncaught-exception --import=data:text/javascript;base64,${Buffer.from(TELL).toString("base64")}`;

test("ST-9 ST-30 no inspector, no memory in a core dump or a report, no __proto__: serve and agent", {
  skip: process.platform !== "linux",
}, async (t) => {
  const alice = person(t, { NODE_OPTIONS: OPTIONS });
  const commands = [
    ["serve", "--data", temporaryFolder(t), "--listen", "127.0.0.1:0"],
    ["agent", "--foreground"],
  ];
  await Promise.all(
    commands.map(async (command) => {
      const started = alice.startProcess(command);
      await said(started, /is listening|COATCHECK_AGENT_SOCK/);
      assert.equal(readFileSync(`/proc/${started.child.pid}/coredump_filter`, "utf8"), "00000000\n", command[0]);
      started.kill("SIGUSR1");
      started.kill("SIGTERM");
      assert.equal(await started.ended, 0, started.stderr());
      assert.doesNotMatch(started.stderr(), /Debugger|node report/i);
      const told = /told (.*)/.exec(started.stderr())?.[1] ?? "{}";
      assert.deepEqual(JSON.parse(told), { proto: false, reports: [false, false, false, false] }, command[0]);
    }),
  );
});
