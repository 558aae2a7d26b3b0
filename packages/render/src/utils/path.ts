import { posix } from "node:path";
import { str } from "../values/basics.ts";
import { iterate } from "../values/basics.ts";
import { notSupported, typeError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { pyFunction, PyModule } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { typeName, type Value } from "../values/value.ts";

function pathText(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  throw typeError(
    `expected str, bytes or os.PathLike object, not ${typeName(value ?? null).replace(/^.*\./, "")}`,
  );
}

/** `posixpath.split`: the last part may be empty (T-24). */
function splitPath(path: string): [head: string, tail: string] {
  const at = path.lastIndexOf("/") + 1;
  const head = path.slice(0, at);
  const trimmed = /[^/]/.test(head) ? head.replace(/\/+$/, "") : head;
  return [trimmed, path.slice(at)];
}

function splitExtension(path: string): [root: string, extension: string] {
  const slash = path.lastIndexOf("/");
  const dot = path.lastIndexOf(".");
  const name = path.slice(slash + 1, Math.max(dot, slash + 1));
  if (dot <= slash || name.replaceAll(".", "") === "") return [path, ""];
  return [path.slice(0, dot), path.slice(dot)];
}

function joinPaths(first: string, rest: readonly string[]): string {
  let path = first;
  for (const part of rest) {
    if (part.startsWith("/")) path = part;
    else path += path === "" || path.endsWith("/") ? part : `/${part}`;
  }
  return path;
}

function normalize(path: string): string {
  if (path === "") return ".";
  const roots =
    path.startsWith("//") && !path.startsWith("///") ? "//" : path.startsWith("/") ? "/" : "";
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (roots === "" && parts.length === 0) || parts.at(-1) === "..")
      parts.push(part);
    else parts.pop();
  }
  return roots + parts.join("/") || ".";
}

const unreachable = (name: string): Value =>
  pyFunction(`${name}(*, **)`, () => {
    throw notSupported(`path.${name}, which looks at this host's files,`);
  });

/** Posix path functions that need no file system. */
export const pathModule: PyModule = new PyModule("posixpath", {
  basename: pyFunction("basename(p)", (_self, [path]) => splitPath(pathText(path))[1]),
  dirname: pyFunction("dirname(p)", (_self, [path]) => splitPath(pathText(path))[0]),
  split: pyFunction("split(p)", (_self, [path]) => new PyTuple(splitPath(pathText(path)))),
  splitext: pyFunction(
    "splitext(p)",
    (_self, [path]) => new PyTuple(splitExtension(pathText(path))),
  ),
  splitdrive: pyFunction("splitdrive(p)", (_self, [path]) => new PyTuple(["", pathText(path)])),
  join: pyFunction("join(a, *)", (_self, [first, ...rest]) =>
    joinPaths(pathText(first), rest.map(pathText)),
  ),
  normpath: pyFunction("normpath(path)", (_self, [path]) => normalize(pathText(path))),
  normcase: pyFunction("normcase(s)", (_self, [path]) => pathText(path)),
  isabs: pyFunction("isabs(s)", (_self, [path]) => pathText(path).startsWith("/")),
  relpath: pyFunction("relpath(path, start=None)", (_self, [path, start]) => {
    const from = start === null || start === undefined ? "." : pathText(start);
    const root = "/\0";
    const relative = posix.relative(joinPaths(root, [from]), joinPaths(root, [pathText(path)]));
    return relative === "" ? "." : relative;
  }),
  commonprefix: pyFunction("commonprefix(m)", (_self, [list = null]) => {
    const all = Array.from(iterate(list), str);
    let prefix = all[0] ?? "";
    while (!all.every((item) => item.startsWith(prefix))) prefix = prefix.slice(0, -1);
    return prefix;
  }),
  sep: "/",
  pardir: "..",
  curdir: ".",
  extsep: ".",
  pathsep: ":",
  altsep: null,
  ...Object.fromEntries(
    [
      "exists",
      "isfile",
      "isdir",
      "islink",
      "getsize",
      "getmtime",
      "abspath",
      "realpath",
      "expanduser",
      "expandvars",
    ].map((name) => [name, unreachable(name)]),
  ),
});
