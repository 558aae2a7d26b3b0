import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isMap, LavaError } from "@lava/core";
import { brokenOff, fileFault, transferFailed } from "../files/file-errors.ts";
import { watchSource } from "../files/file-source.ts";
import type { FileEntry, FileTransfer } from "../files/file-transfer.ts";
import { type Graph, graphRefusal, refusalStatus } from "./graph.ts";
import { readBody } from "./http.ts";
import { createSharePointLists, type SharePointLists } from "./sharepoint-lists.ts";
import type { SharePointRecord } from "./sharepoint-record.ts";

type Item = Readonly<Record<string, unknown>>;

/** The documents of a SharePoint site; the first part of a path is the document library. */
export interface SharePointClient extends FileTransfer {
  /** The title of a document; undefined where it has none. */
  title(path: string): Promise<string | undefined>;
  setTitle(path: string, title: string): Promise<void>;
  readonly lists: SharePointLists;
}

/** Bytes of one part of an upload (JOB-sharepoint_put_doc-02). */
const FRAGMENT = 327_680;

/** A client of one site. */
export function createSharePointClient(
  graph: Graph,
  record: SharePointRecord,
  tmpdir: string,
): SharePointClient {
  let site: Promise<string> | undefined;
  const drives = new Map<string, string>();
  const siteId = (): Promise<string> =>
    (site ??= (async () => {
      const name = encodeURIComponent(record.siteName);
      const found = await graph.json({
        path: `/sites/${record.orgBaseUrl}:/sites/${name}`,
        what: `Unable to find SharePoint site_name "${record.siteName}"`,
      });
      return String(found["id"]);
    })());
  const driveId = async (library: string): Promise<string> => {
    const known = drives.get(library);
    if (known !== undefined) return known;
    const what = `Unable to find SharePoint documentLibrary "${library}"`;
    for await (const drive of graph.pages({ path: `/sites/${await siteId()}/drives`, what })) {
      if (drive["driveType"] === "documentLibrary") {
        drives.set(String(drive["name"]), String(drive["id"]));
      }
    }
    const id = drives.get(library);
    if (id === undefined) throw new LavaError("NO_SUCH_FILE", what, { retry: "never" });
    return id;
  };
  /** The URL of a path, with what follows it. */
  const urlOf = async (path: string, suffix = ""): Promise<string> => {
    const { library, parts } = toParts(path);
    const drive = `/drives/${await driveId(library)}`;
    if (parts.length === 0) return `${drive}/root${suffix}`;
    const below = parts.map((part) => encodeURIComponent(part)).join("/");
    return `${drive}/root:/${below}${suffix === "" ? "" : `:${suffix}`}`;
  };
  const itemOf = async (path: string): Promise<Item | undefined> => {
    try {
      return await graph.json({ path: await urlOf(path), what: path });
    } catch (error) {
      if (refusalStatus(error) === 404) return undefined;
      throw toFault(error, path);
    }
  };
  const mustHave = async (path: string): Promise<Item> => {
    const item = await itemOf(path);
    if (item === undefined) throw fileFault("NO_SUCH_FILE", path);
    return item;
  };
  const itemUrl = async (path: string, item: Item): Promise<string> =>
    `/drives/${await driveId(toParts(path).library)}/items/${String(item["id"])}`;
  const makeDir = async (path: string): Promise<void> => {
    const { parts } = toParts(path);
    const name = parts.at(-1);
    if (name === undefined) return;
    const there = await itemOf(path);
    if (there !== undefined) {
      if (isMap(there["folder"])) return;
      throw fileFault("FILE_EXISTS", path);
    }
    await makeDir(parentOf(path));
    try {
      await graph.json({
        method: "POST",
        path: await urlOf(parentOf(path), "/children"),
        json: { name, folder: {}, "@microsoft.graph.conflictBehavior": "fail" },
        what: path,
      });
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if (!(refusalStatus(error) === 409)) throw toFault(error, path);
    }
  };

  const uploadParts = async (
    path: string,
    file: FileHandle,
    size: number,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const session = await graph.json({
      method: "POST",
      path: await urlOf(path, "/createUploadSession"),
      json: { item: { "@microsoft.graph.conflictBehavior": "replace" } },
      what: "Upload failed",
      signal,
    });
    const url = String(session["uploadUrl"]);
    try {
      for (let start = 0; start < size;) {
        const body = Buffer.alloc(Math.min(FRAGMENT, size - start));
        await file.read(body, 0, body.length, start);
        const range = `bytes ${start}-${start + body.length - 1}/${size}`;
        const answer = await graph.send({
          method: "PUT",
          path: url,
          body,
          headers: { "content-range": range },
          withoutToken: true,
          what: "Upload failed",
          signal,
        });
        const text = await readBody(answer);
        const status = answer.statusCode ?? 0;
        // 416: this part came before, and its answer was lost.
        if (status >= 400 && status !== 416) throw graphRefusal("Upload failed", status, text);
        start += body.length;
      }
    } catch (error) {
      await graph
        .send({ method: "DELETE", path: url, withoutToken: true, what: "Upload failed" })
        .then((answer) => answer.resume())
        .catch(() => undefined);
      throw error;
    }
  };

  return {
    async list(path) {
      if (path.replaceAll("/", "") === "") {
        const what = "Unable to list document libraries";
        const names: FileEntry[] = [];
        for await (const drive of graph.pages({ path: `/sites/${await siteId()}/drives`, what })) {
          if (drive["driveType"] === "documentLibrary")
            names.push(directory(String(drive["name"])));
        }
        return byName(names);
      }
      const item = await mustHave(path);
      if (!isMap(item["folder"])) throw transferFailed(path, "is not a folder");
      const entries: FileEntry[] = [];
      const url = `${await itemUrl(path, item)}/children`;
      for await (const child of graph.pages({ path: url, what: path }))
        entries.push(toEntry(child));
      return byName(entries);
    },
    async stat(path) {
      const { library, parts } = toParts(path);
      const item = await itemOf(path);
      if (item === undefined) return undefined;
      return parts.length === 0 ? directory(library) : toEntry(item);
    },
    async get(path, { signal } = {}) {
      const item = await mustHave(path);
      if (isMap(item["folder"])) throw fileFault("IS_A_DIRECTORY", path);
      const url = `${await itemUrl(path, item)}/content`;
      let answer = await graph.send({ path: url, what: "Download failed", signal });
      const { location } = answer.headers;
      if (location !== undefined && Math.trunc((answer.statusCode ?? 0) / 100) === 3) {
        answer.resume();
        answer = await graph.send({
          path: location,
          withoutToken: true,
          what: "Download failed",
          signal,
        });
      }
      const status = answer.statusCode ?? 0;
      if (status >= 400) {
        throw toFault(graphRefusal("Download failed", status, await readBody(answer)), path);
      }
      const whole = Number(item["size"] ?? Number.NaN);
      const body = answer;
      const target = { conn_id: record.conn_id, host: record.orgBaseUrl, port: 443 };
      async function* parts(): AsyncGenerator<Uint8Array> {
        let size = 0;
        try {
          for await (const part of body) {
            const bytes = Buffer.from(part);
            size += bytes.length;
            yield bytes;
          }
        } catch (error) {
          signal?.throwIfAborted();
          throw brokenOff(target, error);
        }
        if (size !== whole) throw transferFailed(path, `${size} bytes came of ${whole}`);
      }
      return Readable.from(parts(), { objectMode: false });
    },
    async put(path, source, { createDirs = false, signal } = {}) {
      const there = await itemOf(path);
      if (there !== undefined && isMap(there["folder"])) throw fileFault("IS_A_DIRECTORY", path);
      if (createDirs) await makeDir(parentOf(path));
      else await mustHave(parentOf(path));
      // An upload begins with the size of the whole.
      const staged = join(tmpdir, `tmp${randomUUID()}`);
      try {
        const watched = watchSource(source);
        const options = signal === undefined ? {} : { signal };
        await pipeline(watched.parts(), createWriteStream(staged, { mode: 0o600 }), options).catch(
          (error: unknown) => {
            signal?.throwIfAborted();
            throw watched.fault?.error ?? error;
          },
        );
        const { size } = watched;
        if (size === 0) {
          await graph.json({
            method: "PUT",
            path: await urlOf(path, "/content"),
            headers: { "content-type": "application/octet-stream" },
            what: "Upload failed",
            signal,
          });
        } else {
          await using file = await open(staged);
          await uploadParts(path, file, size, signal);
        }
        return { size };
      } catch (error) {
        throw toFault(error, path);
      } finally {
        await rm(staged, { force: true });
      }
    },
    async delete(path) {
      const item = await mustHave(path);
      const { folder } = item;
      // The service deletes what is in a folder with it.
      if (isMap(folder) && folder["childCount"] !== 0) throw transferFailed(path, "is not empty");
      await graph
        .json({ method: "DELETE", path: await itemUrl(path, item), what: path })
        .catch((error: unknown) => {
          throw toFault(error, path);
        });
    },
    async rename(from, to) {
      const item = await mustHave(from);
      if (toParts(from).library !== toParts(to).library) {
        throw transferFailed(to, "It is another document library");
      }
      if ((await itemOf(to)) !== undefined) throw fileFault("FILE_EXISTS", to);
      const parent = await mustHave(parentOf(to));
      await graph
        .json({
          method: "PATCH",
          path: await itemUrl(from, item),
          json: { name: toParts(to).parts.at(-1), parentReference: { id: parent["id"] } },
          what: to,
        })
        .catch((error: unknown) => {
          throw toFault(error, to);
        });
    },
    mkdir: makeDir,
    lists: createSharePointLists(graph, siteId),
    async title(path) {
      const url = `${await itemUrl(path, await mustHave(path))}/listitem/fields`;
      const fields = await graph.json({ path: url, what: "Download failed" });
      return typeof fields["Title"] === "string" ? fields["Title"] : undefined;
    },
    async setTitle(path, title) {
      const url = `${await itemUrl(path, await mustHave(path))}/listitem/fields`;
      await graph.json({
        method: "PATCH",
        path: url,
        json: { Title: title },
        what: "Upload failed",
      });
    },
    async [Symbol.asyncDispose]() {
      graph[Symbol.dispose]();
    },
  };
}

function toParts(path: string): { readonly library: string; readonly parts: readonly string[] } {
  const [library = "", ...parts] = path.split("/").filter((part) => part !== "");
  if (library === "")
    throw transferFailed(path, "A path begins with the name of a document library");
  return { library, parts };
}

function parentOf(path: string): string {
  return path.replace(/\/+[^/]*\/*$/, "");
}

function toEntry(item: Item): FileEntry {
  const isFolder = isMap(item["folder"]);
  const modified = Date.parse(String(item["lastModifiedDateTime"]));
  return {
    name: String(item["name"]),
    type: isFolder ? "directory" : "file",
    size: isFolder ? 0 : Number(item["size"] ?? 0),
    modified: Number.isNaN(modified) ? undefined : modified,
  };
}

function directory(name: string): FileEntry {
  return { name, type: "directory", size: 0, modified: undefined };
}

function byName(entries: FileEntry[]): FileEntry[] {
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toFault(error: unknown, path: string): unknown {
  const status = refusalStatus(error);
  if (status === 404) return fileFault("NO_SUCH_FILE", path, error);
  if (status === 403) return fileFault("FILE_ACCESS_DENIED", path, error);
  return status === 409 ? fileFault("FILE_EXISTS", path, error) : error;
}
