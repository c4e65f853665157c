import hooks from "node:async_hooks";
import type { TestContext } from "node:test";

/**
 * Loaded before the tests (`--import`). node:test follows every promise, to say of an error that nobody caught which test it
 * came from: a fifth of the processor time where much happens in this process. Without it such an error fails the file.
 */
const { createHook } = hooks;
const ignored = { enable: () => ignored, disable: () => ignored };
let asked = false;

hooks.createHook = (callbacks) => {
  if (!isOfTests(callbacks)) return createHook(callbacks);
  asked = true;
  return ignored;
};

/** Nobody else's have no prototype. */
function isOfTests(callbacks: hooks.HookCallbacks): boolean {
  return Object.getPrototypeOf(callbacks) === null && "init" in callbacks && "destroy" in callbacks;
}

/** Loaded only now: it takes hold of `createHook` while it is loaded. */
const { before } = await import("node:test");

/**
 * And node:test keeps each test to the end of its file, with what it does after itself, and that
 * holds the broker that it stops: 5 MB a test, over and over again followed by the collection of garbage, a quarter of the
 * processor time of the longest group. What has been done after a test is let go.
 */
before((first) => {
  if (!asked)
    throw new Error(
      "node:test follows every promise again: it no longer makes its hook as test/support/unburdened.ts knows it",
    );
  const contexts: TestContext = Object.getPrototypeOf(first);
  const { after } = contexts;
  contexts.after = function (this: TestContext, then, options) {
    let waiting = then;
    return after.call(
      this,
      (context) => {
        const run = waiting;
        waiting = undefined;
        return run?.(context, () => undefined);
      },
      options,
    );
  };
});
