import type { Engine, EngineContext } from "../engine.ts";
import { queryProtocol } from "../protocols/query.ts";
import { sesQueryOperations } from "./query-operations.ts";
import { handleSesRest } from "./rest-operations.ts";
import { openSes } from "./ses.ts";

const NAMESPACE = "http://ses.amazonaws.com/doc/2010-12-01/";

/** SES in both versions of its API. Mails land in `<data>/ses`; any sender counts as verified. */
export function createSesEngine(context: EngineContext): Engine {
  const ses = openSes(context);
  const query = queryProtocol({
    xmlNamespace: NAMESPACE,
    operations: sesQueryOperations(ses),
    bodyLimit: 64 * 1024 * 1024,
  });
  return {
    services: ["ses"],
    xmlNamespace: NAMESPACE,
    isRestJson: (path) => path.startsWith("/v2/"),
    handle: (request) =>
      request.path.startsWith("/v2/") ? handleSesRest(ses, request) : query(request),
  };
}
