import { isMap, LavaError } from "@lava/core";
import { type Graph, MOST_WAIT_S, MOST_WAITS } from "./graph.ts";
import { type ListColumn, toListColumns } from "./list-columns.ts";

export { columnNames, type ListColumn } from "./list-columns.ts";

/** One change of a list. */
export interface ListChange {
  readonly method: "add" | "update" | "delete";
  /** The item; not for `add`. */
  readonly id?: string;
  /** Values by column; not for `delete`. */
  readonly fields?: Readonly<Record<string, string | boolean | null>>;
}

/** A change that the service refused. */
export interface RefusedChange {
  /** Its place among the changes, from 0. */
  readonly index: number;
  readonly status: number;
  readonly text: string;
}

/** The lists of a site. */
export interface SharePointLists {
  /** @throws {LavaError} NO_SUCH_LIST */
  columns(list: string, kinds?: readonly string[]): Promise<ListColumn[]>;
  /** Items, their fields as the service has them, and their id. */
  items(
    list: string,
    columns: readonly string[],
  ): AsyncGenerator<{ readonly id: string; readonly fields: Readonly<Record<string, unknown>> }>;
  /** Makes changes, 20 at a time, throttled ones again; those that were refused. */
  change(
    list: string,
    changes: AsyncIterable<ListChange> | Iterable<ListChange>,
    signal?: AbortSignal,
  ): Promise<{ readonly count: number; readonly refused: readonly RefusedChange[] }>;
}

/** Changes of one call. */
const BATCH = 20;

/** Templates of lists that hold rows. */
const KINDS = ["genericList", "issueTracking"];

/** The lists of a site. */
export function createSharePointLists(
  graph: Graph,
  siteId: () => Promise<string>,
): SharePointLists {
  const listUrl = async (list: string, kinds: readonly string[] = KINDS): Promise<string> => {
    const what = `Unable to find SharePoint list "${list}"`;
    const lists = `/sites/${await siteId()}/lists`;
    for await (const found of graph.pages({ path: lists, what })) {
      const info = found["list"];
      const template = isMap(info) ? String(info["template"]) : "";
      if (found["name"] === list && kinds.includes(template))
        return `${lists}/${String(found["id"])}`;
    }
    throw new LavaError("NO_SUCH_LIST", what, { retry: "never" });
  };
  return {
    async columns(list, kinds) {
      const path = `${await listUrl(list, kinds)}?$expand=columns`;
      const what = `Unable to list items on SharePoint list "${list}"`;
      return toListColumns((await graph.json({ path, what }))["columns"]);
    },
    async *items(list, columns) {
      const select = encodeURIComponent(columns.join(","));
      const path = `${await listUrl(list)}/items?$expand=fields($select=${select})`;
      const what = `Unable to list items on SharePoint list "${list}"`;
      for await (const item of graph.pages({ path, what })) {
        const { fields } = item;
        yield { id: String(item["id"]), fields: isMap(fields) ? fields : {} };
      }
    },
    async change(list, changes, signal) {
      const url = `${await listUrl(list)}/items`;
      const refused: RefusedChange[] = [];
      let batch: Request[] = [];
      let count = 0;
      const send = async (): Promise<void> => {
        if (batch.length > 0) refused.push(...(await sendBatch(graph, batch, list, signal)));
        batch = [];
      };
      for await (const change of changes) {
        batch.push(toRequest(change, String(count), url));
        count += 1;
        if (batch.length === BATCH) await send();
      }
      await send();
      return { count, refused };
    },
  };
}

interface Request {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function toRequest(
  { method, id: item = "", fields }: ListChange,
  id: string,
  url: string,
): Request {
  const headers = { "Content-Type": "application/json" };
  const one = `${url}/${encodeURIComponent(item)}`;
  if (method === "add") return { id, method: "POST", url, body: { fields }, headers };
  if (method === "delete") return { id, method: "DELETE", url: one };
  return { id, method: "PATCH", url: `${one}/fields`, body: fields, headers };
}

async function sendBatch(
  graph: Graph,
  batch: readonly Request[],
  list: string,
  signal: AbortSignal | undefined,
): Promise<RefusedChange[]> {
  const what = `Write to list ${list}`;
  const refused: RefusedChange[] = [];
  let open = batch;
  for (let hit = 1; open.length > 0; hit += 1) {
    const answer = await graph.json({
      method: "POST",
      path: "/$batch",
      json: { requests: open },
      what,
      signal,
    });
    const responses: unknown = answer["responses"];
    const answers = new Map(
      (Array.isArray(responses) ? responses : [])
        .filter(isMap)
        .map((one) => [String(one["id"]), one]),
    );
    const later: Request[] = [];
    let wait = 0;
    for (const request of open) {
      const one = answers.get(request.id) ?? { status: 503 };
      const status = Number(one["status"]);
      // What is gone already need not be deleted.
      if (status < 300 || (status === 404 && request.method !== "POST")) continue;
      if ([429, 502, 503, 504, 509].includes(status)) {
        later.push(request);
        const headers = isMap(one["headers"]) ? one["headers"] : {};
        wait = Math.max(wait, Number(headers["Retry-After"] ?? 0) || 0);
      } else {
        const error = isMap(one["body"]) ? one["body"]["error"] : undefined;
        const text = isMap(error) ? String(error["message"]) : "";
        refused.push({ index: Number(request.id), status, text });
      }
    }
    open = later;
    if (open.length === 0) break;
    const seconds = wait + 10 + 15 * hit;
    if (hit > MOST_WAITS || seconds > MOST_WAIT_S) {
      throw new LavaError(
        "SHAREPOINT_THROTTLED",
        `${what}: MS Graph API Throttling limit of ${MOST_WAITS} has been reached`,
        { hint: "SharePoint refuses so many calls: let fewer jobs use it at a time." },
      );
    }
    await graph.wait(seconds, signal);
  }
  return refused;
}
