import type { AwsRequest, AwsResponse } from "../engine.ts";
import { notImplemented } from "../errors.ts";
import { XML_DECLARATION, type XmlValue, xmlContent } from "./xml.ts";

/** The parameters of a query-protocol request, with their numbered lists. */
export interface QueryInput {
  get(name: string): string | undefined;
  /** Values of `Name.member.N` or `Name.N`, in order. */
  list(name: string): string[];
  /** `Name.member.N.*` or `Name.N.*`, each as an input of its own, in order. */
  structures(name: string): QueryInput[];
  /** `Name.entry.N.key/value` or `Name.N.Name/Value` and their like, as a map of plain texts. */
  map(name: string, keyName?: string, valueName?: string): Map<string, string>;
  /** All parameters, dotted names as sent. */
  readonly all: ReadonlyMap<string, string>;
}

/** One operation; its result is put inside `<OperationResult>` (undefined: no such element). */
export type QueryOperation = (
  input: QueryInput,
  request: AwsRequest,
) => QueryOutput | Promise<QueryOutput>;

/** What a query operation gives back. */
export type QueryOutput = { readonly [name: string]: XmlValue } | undefined;

/** Options of {@link queryProtocol}. */
export interface QueryProtocolOptions {
  readonly xmlNamespace: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
  /** Bytes of a request; 2 MB by default. */
  readonly bodyLimit?: number;
}

/** `handle` of an engine whose service speaks the query protocol: form in, XML out. */
export function queryProtocol(
  options: QueryProtocolOptions,
): (request: AwsRequest) => Promise<AwsResponse> {
  const operations = new Map(Object.entries(options.operations));
  return async (request) => {
    const body = await request.readBody(options.bodyLimit ?? 2 * 1024 * 1024);
    const input = parseQueryInput([
      ...request.query,
      ...new URLSearchParams(body.toString("utf8")),
    ]);
    const name = input.get("Action") ?? "";
    const operation = operations.get(name);
    if (operation === undefined) {
      throw notImplemented(
        request.service,
        name === "" ? `${request.method} ${request.path}` : name,
      );
    }
    const output = await operation(input, request);
    const result =
      output === undefined ? "" : `<${name}Result>${xmlContent(output)}</${name}Result>`;
    return {
      status: 200,
      headers: { "content-type": "text/xml" },
      body: `${XML_DECLARATION}<${name}Response xmlns="${options.xmlNamespace}">${result}<ResponseMetadata><RequestId>${request.id}</RequestId></ResponseMetadata></${name}Response>`,
    };
  };
}

/** Gives the parameters of a form their structure. */
export function parseQueryInput(pairs: Iterable<readonly [string, string]>): QueryInput {
  const all = new Map(pairs);

  /** `prefix.1`, `prefix.member.2`, ... that occur, in numeric order. */
  function items(name: string): string[] {
    const prefixes = new Map<string, number>();
    for (const key of all.keys()) {
      if (!key.startsWith(`${name}.`)) continue;
      const match = /^(?:(?:member|entry)\.)?(\d+)(?=\.|$)/.exec(key.slice(name.length + 1));
      if (match?.[1] !== undefined) prefixes.set(`${name}.${match[0]}`, Number(match[1]));
    }
    return [...prefixes].sort(([, a], [, b]) => a - b).map(([prefix]) => prefix);
  }

  return {
    all,
    get: (name) => all.get(name),
    list: (name) => items(name).map((prefix) => all.get(prefix) ?? ""),
    structures: (name) =>
      items(name).map((prefix) =>
        parseQueryInput(
          [...all]
            .filter(([key]) => key.startsWith(`${prefix}.`))
            .map(([key, value]) => [key.slice(prefix.length + 1), value] as const),
        ),
      ),
    map: (name, keyName = "key", valueName = "value") =>
      new Map(
        items(name).map((prefix) => [
          all.get(`${prefix}.${keyName}`) ?? "",
          all.get(`${prefix}.${valueName}`) ?? "",
        ]),
      ),
  };
}
