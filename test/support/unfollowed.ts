import hooks from "node:async_hooks";

/**
 * Loaded before the tests (`--import`). node:test follows every promise, to say of an error that nobody caught which test it
 * came from: a fifth of the processor time where much happens in this process. Without it such an error fails the file.
 */
const { createHook } = hooks;
const ignored = { enable: () => ignored, disable: () => ignored };

hooks.createHook = (callbacks) => (isOfTests(callbacks) ? ignored : createHook(callbacks));

/** Nobody else's have no prototype. */
function isOfTests(callbacks: hooks.HookCallbacks): boolean {
  return Object.getPrototypeOf(callbacks) === null && "init" in callbacks && "destroy" in callbacks;
}
