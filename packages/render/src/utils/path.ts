import { posix } from "node:path";
import { iterate, str } from "../values/basics.ts";
import { PyBytes } from "../values/bytes.ts";
import { notSupported, typeError, valueError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { pyFunction, PyModule } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { typeName, type Value } from "../values/value.ts";

/** A path of text or bytes. */
function pathText(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyBytes) return latin(value);
  const name = typeName(value ?? null).replace(/^.*\./, "");
  throw typeError(`expected str, bytes or os.PathLike object, not ${name}`);
}

const latin = (value: PyBytes): string => Buffer.from(value.data).toString("latin1");

/** What a function makes of a path, of the kind that the path is. */
function ofKind(path: Value | undefined, text: string): Value {
  return path instanceof PyBytes ? new PyBytes(Uint8Array.from(Buffer.from(text, "latin1"))) : text;
}

/** The paths that `join` takes: all text or all bytes. */
function joined(paths: readonly (Value | undefined)[]): Value {
  const [first, ...rest] = paths;
  pathText(first);
  for (const part of rest) {
    const isBytes = part instanceof PyBytes;
    if (!isBytes && typeof part !== "string" && !(part instanceof Markup)) {
      throw typeError(
        `join() argument must be str, bytes, or os.PathLike object, not '${typeName(part ?? null)}'`,
      );
    }
    if (isBytes !== first instanceof PyBytes) {
      throw typeError("Can't mix strings and bytes in path components");
    }
  }
  return ofKind(first, joinPaths(pathText(first), rest.map(pathText)));
}

function commonPath(list: Value): string {
  const paths = Array.from(iterate(list), pathText);
  if (paths.length === 0) throw valueError("commonpath() arg is an empty sequence");
  const isAbsolute = paths[0]?.startsWith("/") === true;
  if (paths.some((path) => path.startsWith("/") !== isAbsolute)) {
    throw valueError("Can't mix absolute and relative paths");
  }
  const split = paths.map((path) => path.split("/").filter((part) => part !== "" && part !== "."));
  const [head = [], ...others] = split;
  let size = 0;
  while (size < head.length && others.every((parts) => parts[size] === head[size])) size++;
  return (isAbsolute ? "/" : "") + head.slice(0, size).join("/");
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

const pair = (path: Value | undefined, parts: readonly [string, string]): PyTuple =>
  new PyTuple(parts.map((part) => ofKind(path, part)));

const unreachable = (name: string): Value =>
  pyFunction(`${name}(*, **)`, () => {
    throw notSupported(`path.${name}, which looks at this host's files,`);
  });

/** Posix path functions that need no file system. */
export const pathModule: PyModule = new PyModule("posixpath", {
  basename: pyFunction("basename(p)", (_self, [path]) =>
    ofKind(path, splitPath(pathText(path))[1]),
  ),
  dirname: pyFunction("dirname(p)", (_self, [path]) => ofKind(path, splitPath(pathText(path))[0])),
  split: pyFunction("split(p)", (_self, [path]) => pair(path, splitPath(pathText(path)))),
  splitext: pyFunction("splitext(p)", (_self, [path]) =>
    pair(path, splitExtension(pathText(path))),
  ),
  splitdrive: pyFunction("splitdrive(p)", (_self, [path]) => pair(path, ["", pathText(path)])),
  join: pyFunction("join(a, *)", (_self, paths) => joined(paths)),
  normpath: pyFunction("normpath(path)", (_self, [path]) =>
    ofKind(path, normalize(pathText(path))),
  ),
  normcase: pyFunction("normcase(s)", (_self, [path]) => ofKind(path, pathText(path))),
  isabs: pyFunction("isabs(s)", (_self, [path]) => pathText(path).startsWith("/")),
  relpath: pyFunction("relpath(path, start=None)", (_self, [path, start]) => {
    if (path === "") throw valueError("no path specified");
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
  commonpath: pyFunction("commonpath(paths)", (_self, [list = null]) => commonPath(list)),
  sep: "/",
  pardir: "..",
  curdir: ".",
  extsep: ".",
  pathsep: ":",
  altsep: null,
  devnull: "/dev/null",
  defpath: "/bin:/usr/bin",
  supports_unicode_filenames: false,
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
      "getatime",
      "getctime",
      "ismount",
      "lexists",
      "samefile",
    ].map((name) => [name, unreachable(name)]),
  ),
});
