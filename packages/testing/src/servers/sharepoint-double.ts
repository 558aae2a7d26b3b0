import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestServer } from "./test-server.ts";

/** What the double does to the next call that a pattern fits, in place of its answer. */
export interface ScriptedFault {
  /** Fits `METHOD /path`. */
  readonly call: RegExp;
  /** An answer; `drop` ends the connection without one, `half` in the middle of a content. */
  readonly answer: "drop" | "half" | { readonly status: number; readonly headers?: object };
}

/** What its logins ask for. */
export interface SharePointSecrets {
  readonly user: string;
  readonly password: string;
  readonly clientSecret: string;
}

/** A double of Microsoft Graph and of its logins, with one site. It answers as the service does, as far as lava asks. */
export interface SharePointDouble extends TestServer, SharePointSecrets {
  /** `login_url` of a record. */
  readonly loginUrl: string;
  /** `graph_url` of a record. */
  readonly graphUrl: string;
  /** Tokens that it has given so far. */
  readonly tokens: readonly string[];
  /** Calls so far: `METHOD /path`. */
  readonly calls: readonly string[];
  /** Sizes of the parts of uploads. */
  readonly parts: readonly number[];
  /** The rows of its list `People`, by id. */
  readonly rows: Map<string, Readonly<Record<string, unknown>>>;
  /** Faults of the next calls, each used once; those of changes in a batch fit `BATCH METHOD /path`. */
  script(...faults: readonly ScriptedFault[]): void;
  /** Ends all tokens that were given. */
  endTokens(): void;
}

interface Item {
  readonly id: string;
  name: string;
  parent: string;
  content: Buffer | undefined;
  title?: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  readonly request: IncomingMessage;
}

type Answer = readonly [status: number, json?: object, headers?: Readonly<Record<string, string>>];

const DRIVE = "drive-1";
const ROOT = "root-item";
const LISTS = [{ id: "l1", name: "People", list: { template: "genericList" } }];
const column = (name: string, type: string, more: object = {}): object => ({
  name,
  readOnly: false,
  hidden: false,
  [type]: {},
  ...more,
});
const COLUMNS = [
  column("Title", "text", { required: true }),
  column("Size", "number"),
  column("Active", "boolean"),
  column("Boss", "personOrGroup"),
  column("Created", "dateTime", { readOnly: true }),
  column("Attachments", "boolean"),
];
const SECRETS: SharePointSecrets = {
  user: "robot@x.org",
  password: "pass word",
  clientSecret: "client-secret",
};

/** Starts the double on a free port; its site is `data` of `x.sharepoint.example`, with the library `Documents`. */
export async function startSharePointDouble(
  own: Partial<SharePointSecrets> = {},
): Promise<SharePointDouble> {
  const secrets = { ...SECRETS, ...own };
  const given: string[] = [];
  const items = new Map<string, Item>([
    [ROOT, { id: ROOT, name: "root", parent: "", content: undefined }],
  ]);
  const uploads = new Map<string, { path: string; parts: Buffer[] }>();
  const tokens = new Set<string>();
  const calls: string[] = [];
  const parts: number[] = [];
  const faults: ScriptedFault[] = [];
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  let lastRow = 0;
  let base = "";

  const children = (id: string): Item[] =>
    [...items.values()].filter(({ parent }) => parent === id);
  const find = (path: string): Item | undefined =>
    path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent)
      .reduce<Item | undefined>(
        (at, name) =>
          at && children(at.id).find((item) => item.name.toLowerCase() === name.toLowerCase()),
        items.get(ROOT),
      );
  const shown = (item: Item): object => ({
    id: item.id,
    name: item.name,
    lastModifiedDateTime: new Date().toISOString(),
    ...(item.content === undefined
      ? { size: 0, folder: { childCount: children(item.id).length } }
      : { size: item.content.length, file: { mimeType: "application/octet-stream" } }),
  });
  const store = (path: string, content: Buffer): Answer => {
    const known = find(path);
    if (known !== undefined) {
      known.content = content;
      return [200, shown(known)];
    }
    const [, above = "", name = ""] = /^(.*?)\/?([^/]+)$/.exec(path) ?? [];
    const parent = find(above);
    if (parent === undefined) return missing();
    const item = { id: randomUUID(), name: decodeURIComponent(name), parent: parent.id, content };
    items.set(item.id, item);
    return [201, shown(item)];
  };

  const token = ({ body }: Call): Answer => {
    const form = new URLSearchParams(body.toString());
    const { user, password, clientSecret } = secrets;
    const isUser = form.get("username") === user && form.get("password") === password;
    const grant = form.get("grant_type");
    const isRight =
      form.get("client_secret") === clientSecret &&
      (grant === "client_credentials" || (grant === "password" && isUser));
    if (!isRight) {
      const error_description = "AADSTS50126: Invalid username or password.\r\nTrace ID: 1";
      return [400, { error: "invalid_grant", error_description }];
    }
    const access_token = randomUUID();
    tokens.add(access_token);
    given.push(access_token);
    return [200, { token_type: "Bearer", access_token, expires_in: 3600 }];
  };

  const ofItem = (item: Item | undefined, what: string, call: Call): Answer => {
    const { method, body } = call;
    if (item === undefined) return missing();
    if (what === "" && method === "GET") return [200, shown(item)];
    if (what === "" && method === "DELETE") return items.delete(item.id) ? [204] : missing();
    if (what === "" && method === "PATCH") {
      const wanted = json(body);
      const parent = Reflect.get(Object(wanted["parentReference"]), "id");
      item.name = String(wanted["name"]);
      item.parent = String(parent);
      return [200, shown(item)];
    }
    if (what === "/children" && method === "GET") return page(children(item.id).map(shown), call);
    if (what === "/children" && method === "POST") {
      const name = String(json(body)["name"]);
      if (children(item.id).some((child) => child.name === name)) {
        return [409, { error: { code: "nameAlreadyExists", message: "Name already exists" } }];
      }
      const made = { id: randomUUID(), name, parent: item.id, content: undefined };
      items.set(made.id, made);
      return [201, shown(made)];
    }
    if (what === "/content") return [302, undefined, { location: `${base}/download/${item.id}` }];
    if (what === "/listitem/fields") {
      if (method === "PATCH") item.title = String(json(body)["Title"]);
      return [200, item.title === undefined ? {} : { Title: item.title }];
    }
    return missing();
  };

  /** Pages of two, so that lists have more than one. */
  const page = (values: readonly object[], { path, request }: Call): Answer => {
    const { search, searchParams } = new URL(request.url ?? "", base);
    const skip = Number(searchParams.get("skip") ?? 0);
    const select = search.slice(1).replace(/^skip=\d+&/, "");
    const next =
      skip + 2 < values.length
        ? { "@odata.nextLink": `${base}${path}?skip=${skip + 2}&${select}` }
        : {};
    return [200, { value: values.slice(skip, skip + 2), ...next }];
  };

  const upload = (id: string, { method, body, request }: Call): Answer => {
    const session = uploads.get(id);
    if (session === undefined) return missing();
    if (method === "DELETE") return uploads.delete(id) ? [204] : missing();
    if (request.headers.authorization !== undefined) return [401, {}];
    const [, start = "", whole = ""] =
      /^bytes (\d+)-\d+\/(\d+)$/.exec(request.headers["content-range"] ?? "") ?? [];
    const have = session.parts.reduce((sum, part) => sum + part.length, 0);
    if (Number(start) !== have) return [416, { error: { code: "invalidRange", message: "" } }];
    session.parts.push(body);
    parts.push(body.length);
    if (have + body.length < Number(whole)) {
      return [202, { nextExpectedRanges: [`${have + body.length}-`] }];
    }
    uploads.delete(id);
    return store(session.path, Buffer.concat(session.parts));
  };

  const takeFault = (line: string): ScriptedFault | undefined => {
    const at = faults.findIndex((fault) => fault.call.test(line));
    return at < 0 ? undefined : faults.splice(at, 1)[0];
  };

  const change = (method: string, url: string, body: unknown): Answer => {
    const [, id = ""] = /\/items\/([^/]+)/.exec(url) ?? [];
    if (method === "POST") {
      lastRow += 1;
      rows.set(String(lastRow), { ...Object(Reflect.get(Object(body), "fields")) });
      return [201, { id: String(lastRow) }];
    }
    const row = rows.get(id);
    if (row === undefined) return missing();
    if (method === "DELETE") rows.delete(id);
    else rows.set(id, { ...row, ...Object(body) });
    return [method === "DELETE" ? 204 : 200, {}];
  };

  const batch = ({ body }: Call): Answer => {
    const requests: unknown = json(body)["requests"];
    const responses = (Array.isArray(requests) ? requests : []).map((request: unknown) => {
      const one: Readonly<Record<string, unknown>> = { ...Object(request) };
      const [method, url] = [String(one["method"]), String(one["url"])];
      const fault = takeFault(`BATCH ${method} ${url}`)?.answer;
      if (typeof fault === "object") {
        const error = { code: "scripted", message: "scripted" };
        return { id: one["id"], status: fault.status, headers: fault.headers, body: { error } };
      }
      const [status, value] = change(method, url, one["body"]);
      return { id: one["id"], status, headers: {}, body: value };
    });
    return [200, { responses }];
  };

  const list = (rest: string, call: Call): Answer => {
    if (rest === "")
      return page([{ id: "l0", name: "Old", list: { template: "tasks" } }, ...LISTS], call);
    if (rest === "/l1") return [200, { columns: COLUMNS }];
    if (rest !== "/l1/items") return missing();
    const select = /select=([^)]*)/.exec(decodeURIComponent(call.request.url ?? ""))?.[1] ?? "";
    const names = select.split(",");
    const shownRows = [...rows].map(([id, fields]) => ({
      id,
      fields: Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name))),
    }));
    return page(shownRows, call);
  };

  const graph = (call: Call): Answer => {
    const { method, path, body, request } = call;
    const given = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (!tokens.has(given)) {
      return [401, { error: { code: "InvalidAuthenticationToken", message: "Token is expired" } }];
    }
    const rest = path.replace(/^\/v1\.0/, "");
    if (rest === "/sites/x.sharepoint.example:/sites/data") return [200, { id: "site-1" }];
    if (rest === "/sites/site-1/drives") {
      const drive = (id: string, name: string, driveType = "documentLibrary") => ({
        id,
        name,
        driveType,
      });
      return page(
        [drive("x", "Other"), drive("y", "Mine", "personal"), drive(DRIVE, "Documents")],
        call,
      );
    }
    if (rest === "/$batch") return batch(call);
    if (rest.startsWith("/sites/site-1/lists"))
      return list(rest.slice("/sites/site-1/lists".length), call);
    const [, id, ofId = ""] = /^\/drives\/drive-1\/items\/([^/]+)(.*)$/.exec(rest) ?? [];
    if (id !== undefined) return ofItem(items.get(id), ofId, call);
    const [, plain, below = "", what = plain ?? ""] =
      /^\/drives\/drive-1\/root(?:(\/children)|:\/([^:]+)(?::(.*))?)?$/.exec(rest) ?? [];
    if (!rest.startsWith("/drives/drive-1/root")) return missing();
    if (what === "/createUploadSession") {
      const session = randomUUID();
      uploads.set(session, { path: below, parts: [] });
      return [200, { uploadUrl: `${base}/upload/${session}` }];
    }
    if (what === "/content" && method === "PUT") return store(below, body);
    return ofItem(find(below), what, call);
  };

  const answer = (call: Call, response: ServerResponse): void => {
    const { method, path } = call;
    const line = `${method} ${path}`;
    calls.push(line);
    const fault = takeFault(line);
    if (fault?.answer === "drop") return void response.destroy();
    if (typeof fault?.answer === "object") {
      response.writeHead(fault.answer.status, { ...fault.answer.headers });
      return void response.end('{"error":{"code":"scripted","message":"scripted"}}');
    }
    const [, download] = /^\/download\/(.+)$/.exec(path) ?? [];
    if (download !== undefined) {
      const content = items.get(download)?.content ?? Buffer.alloc(0);
      response.writeHead(200, { "content-length": content.length });
      if (fault === undefined) return void response.end(content);
      response.write(content.subarray(0, content.length / 2), () => response.destroy());
      return;
    }
    const [, session] = /^\/upload\/(.+)$/.exec(path) ?? [];
    const [status, value, headers] = path.startsWith("/login/")
      ? token(call)
      : session === undefined
        ? graph(call)
        : upload(session, call);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  };

  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on("data", (part: Buffer) => body.push(part));
    request.on("end", () => {
      const { pathname } = new URL(request.url ?? "", "http://x");
      const { method = "" } = request;
      answer({ method, path: pathname, body: Buffer.concat(body), request }, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  base = `http://127.0.0.1:${port}`;
  return {
    name: "sharepoint",
    folder: "",
    env: {},
    loginUrl: `${base}/login`,
    graphUrl: `${base}/v1.0`,
    ...secrets,
    tokens: given,
    calls,
    parts,
    rows,
    script: (...more) => void faults.push(...more),
    endTokens: () => tokens.clear(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function missing(): Answer {
  return [404, { error: { code: "itemNotFound", message: "The resource could not be found." } }];
}

function json(body: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(body.toString());
  return typeof value === "object" && value !== null ? { ...value } : {};
}
