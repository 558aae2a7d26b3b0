/**
 * The program of the process that loads spec files. It is a text, run by `node --eval`, so that it is there in every
 * bundle. It gets `{ files, context, root }` as its only message, and answers with one for each file and one at the
 * end with which file imports which.
 *
 * `@lava/framework` is what the project has installed; without it, the four functions alone, which are all that a
 * spec file needs of it when it runs.
 */
export const MODULE_PROGRAM = String.raw`
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const DEFINE = "data:text/javascript," + encodeURIComponent(
  ["Job", "Connection", "Trigger", "Rule"].map((kind) => "export const define" + kind + " = (specs) => specs;").join(""),
);
const imports = [];
const variables = new Set();
registerHooks({
  resolve(specifier, context, next) {
    let resolved;
    try {
      resolved = next(specifier, context);
    } catch (error) {
      if (specifier !== "@lava/framework") throw error;
      resolved = { url: DEFINE, shortCircuit: true };
    }
    if (context.parentURL?.startsWith("file:") && resolved.url.startsWith("file:"))
      imports.push([fileURLToPath(context.parentURL), fileURLToPath(resolved.url)]);
    return resolved;
  },
});

function plain(value, path, seen) {
  const at = path.length === 0 ? "the default export" : path.join(".");
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new TypeError(at + " is " + value + ", which no table can hold");
  }
  if (typeof value === "object") {
    if (seen.includes(value)) throw new TypeError(at + " contains itself");
    const above = [...seen, value];
    if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index], above));
    const proto = Object.getPrototypeOf(value);
    if (proto === Object.prototype || proto === null)
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, plain(item, [...path, key], above)]),
      );
    throw new TypeError(at + " is a " + (value.constructor?.name ?? "object") + ", not plain data");
  }
  throw new TypeError(at + " is a " + typeof value + ", not plain data");
}

function describe(error) {
  const stack = error instanceof Error ? String(error.stack ?? "") : "";
  return { message: error instanceof Error ? error.message : String(error), name: error?.name, stack };
}

process.once("message", async ({ files, context, root }) => {
  const environ = process.env;
  process.env = new Proxy(environ, {
    get(target, name) {
      if (typeof name === "string") variables.add(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      if (typeof name === "string") variables.add(name);
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      variables.add("*");
      return Reflect.ownKeys(target);
    },
  });
  for (const file of files) {
    try {
      const module = await import(pathToFileURL(root + "/" + file).href);
      if (!("default" in module)) throw new TypeError("the file has no default export");
      const made = typeof module.default === "function" ? await module.default(context) : module.default;
      const isList = Array.isArray(made);
      const specs = (isList ? made : [made]).map((spec, index) =>
        JSON.stringify(spec === undefined || spec === false ? null : plain(spec, isList ? [index] : [], [])));
      process.send({ file, specs, isList });
    } catch (error) {
      process.send({ file, error: describe(error) });
    }
  }
  process.send({ imports, variables: [...variables] }, () => process.exit(0));
});
`;
