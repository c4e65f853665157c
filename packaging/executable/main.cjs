// The first lines of the executable. Its modules are in it, as assets: Node asks for them here, under addresses below the
// executable's own path, where no file can be.
const { registerHooks } = require("node:module");
const { getRawAsset } = require("node:sea");
const { pathToFileURL } = require("node:url");
const { constants, Script } = require("node:vm");

// ST-9, as in bin/coatcheck.js; the rest of it is in Node's options, which build.ts sets.
process.on("SIGUSR1", () => {});

const inside = `${pathToFileURL(process.execPath).href}/`;

registerHooks({
  resolve(specifier, context, next) {
    const url = specifier.startsWith(".") ? URL.parse(specifier, context.parentURL)?.href : specifier;
    return url?.startsWith(inside) ? { url, format: "module", shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith(inside)) return next(url, context);
    return { source: getRawAsset(url.slice(inside.length)), format: "module", shortCircuit: true };
  },
});

// import() of an executable's first script knows built-in modules only; that of a Script goes to Node's loader.
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const start = new Script(`import(${JSON.stringify(`${inside}start.js`)})`, { importModuleDynamically });
start.runInThisContext();
