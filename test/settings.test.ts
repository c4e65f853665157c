import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_SETTINGS, SETTINGS, settingsFromWire, settingsProblem, wireSettings } from "../src/settings.ts";

test("each setting has a name of its own on the wire, and finds back from there", () => {
  const wire = wireSettings(DEFAULT_SETTINGS);
  assert.equal(Object.keys(wire).length, Object.keys(SETTINGS).length);
  assert.deepEqual(settingsFromWire({ ...wire, tune_reap_dry_run: true, default_server: "github" }), {
    ...DEFAULT_SETTINGS,
    reapDryRun: true,
    defaultServer: "github",
  });
});

test("the defaults may be written, and of what may not the first is told", () => {
  assert.equal(settingsProblem(DEFAULT_SETTINGS), undefined);
  const wrong = { ...DEFAULT_SETTINGS, pendingStatusCode: 200, refreshExpiryDeltaFactor: 0.5 };
  assert.equal(settingsProblem(wrong), "refresh expiry delta factor must be at least 1.0");
});
