import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { Data, DataMap } from "@lava/core";
import { isMap, parseJson } from "@lava/core";

/** What a double was asked. */
export interface Asked {
  readonly operation: string;
  readonly input: DataMap;
}

/** A refusal, as the service names it. */
export interface Refusal {
  readonly refuse: string;
}

/** SSM and Auto Scaling by their protocols; what they answer is the test's. */
export interface ServiceDouble extends AsyncDisposable {
  /** The endpoints' variables and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly asked: readonly Asked[];
}

/** Answers of each operation: JSON for SSM, XML inside the result for Auto Scaling. */
export type Answers = Readonly<Record<string, (input: DataMap) => DataMap | string | Refusal>>;

/** Starts a double on a free port. */
export async function serviceDouble(answers: Answers): Promise<ServiceDouble> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const target = request.headers["x-amz-target"];
      const isJson = typeof target === "string";
      const input: Data = isJson ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
      if (!isMap(input)) throw new Error(`No input: ${body}`);
      const operation = isJson ? (target.split(".")[1] ?? "") : String(input["Action"]);
      asked.push({ operation, input });
      const answer = answers[operation]?.(input) ?? { refuse: "UnknownOperationException" };
      const isRefused = typeof answer === "object" && "refuse" in answer;
      response.statusCode = isRefused ? 400 : 200;
      response.setHeader("content-type", isJson ? "application/x-amz-json-1.1" : "text/xml");
      if (isJson) {
        response.end(JSON.stringify(isRefused ? { __type: answer.refuse, message: "no" } : answer));
      } else if (isRefused) {
        response.end(
          `<ErrorResponse><Error><Code>${String(answer.refuse)}</Code><Message>no</Message></Error></ErrorResponse>`,
        );
      } else {
        response.end(
          `<${operation}Response><${operation}Result>${String(answer)}</${operation}Result></${operation}Response>`,
        );
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    environment: {
      AWS_ENDPOINT_URL_SSM: url,
      AWS_ENDPOINT_URL_AUTO_SCALING: url,
      AWS_REGION: "ap-southeast-2",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "s",
      // A refusal is the answer, not something to try again.
      AWS_MAX_ATTEMPTS: "1",
    },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
