import { createServer } from "node:http";
import type { DataMap } from "@lava/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fakeRealm } from "../../test/fake-realm.ts";
import { connect } from "../connect.ts";
import { toSlackPayload } from "./message.ts";

describe("a message", () => {
  const given = { message: "m", subject: "s", from: "f", preamble: "<!here>" };

  test("as blocks (CON-slack-05)", () => {
    expect(toSlackPayload(given, 1_700_000_000)).toEqual({
      text: "<!here> *f*: *s*: m",
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: "<!here>\n*From*: f\n*Subject*: s" } },
        { type: "divider" },
        { type: "section", text: { type: "mrkdwn", text: "m" } },
        {
          type: "context",
          elements: [
            {
              type: "mrkdwn",
              text: "Event time: <!date^1700000000^{date_short_pretty} at {time}| >",
            },
          ],
        },
      ],
    });
  });

  test("as an attachment, and plain (WF-223)", () => {
    const attachment = {
      ...{ fallback: "m", author_name: "f", color: "#ff0000", text: "m" },
      ...{ footer: "Event time", ts: 5, title: "s" },
    };
    expect(toSlackPayload({ ...given, style: "attachment", colour: "ff0000" }, 5)).toEqual({
      attachments: [attachment],
      text: "<!here>",
    });
    expect(toSlackPayload({ message: "m", from: "f", style: "plain" }, 5)).toEqual({
      text: "*f*: m",
    });
  });

  test("named colours stay as they are (CON-slack-03)", () => {
    const colourOf = (colour: string) =>
      JSON.stringify(toSlackPayload({ ...given, style: "attachment", colour }, 5));

    expect(colourOf("danger")).toContain('"color":"danger"');
    expect(colourOf("abc")).toContain('"color":"#abc"');
  });

  test("is cut, and must not be empty (CON-slack-02)", () => {
    const text = JSON.stringify(
      toSlackPayload({ message: "😀".repeat(3001), subject: "s".repeat(251), style: "plain" }, 5),
    );

    expect(text.match(/😀/gu)).toHaveLength(3000);
    expect(text.match(/s/g)).toHaveLength(250);
    expect(() => toSlackPayload({ message: "" }, 5)).toThrow("message must be specified");
    expect(() => toSlackPayload({ message: "m", style: "loud" }, 5)).toThrow(
      "Bad slack message style: loud",
    );
  });
});

describe("a connection", () => {
  let url: string;
  let status = 200;
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      bodies.push(JSON.parse(body));
      response.writeHead(status).end("no_service");
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hook/secret-part`;
  });
  beforeEach(() => {
    status = 200;
    bodies.length = 0;
  });
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  const open = (fields: DataMap, parameters = {}) => {
    const item = { type: "slack", enabled: true, ...fields };
    const realm = fakeRealm({ connections: { chat: item }, parameters });
    return { realm, client: connect("chat", { realm, type: "slack" }) };
  };

  test("fills in what a message leaves out", async () => {
    const { client } = open({ webhook_url: url, style: "plain", preamble: "<!channel>" });
    await using chat = await client;
    await chat.send({ message: "hi", from: "", subject: undefined });

    expect(bodies).toEqual([{ text: "<!channel> *lava@test*: hi" }]);
  });

  test("takes its webhook from SSM, and masks it (CON-slack-04)", async () => {
    const { client, realm } = open(
      { webhook_url: "/lava/test/hook", style: "plain" },
      { "/lava/test/hook": url },
    );
    await using chat = await client;
    await chat.send({ message: "hi" });

    expect(bodies).toHaveLength(1);
    expect(realm.redactor.mask(`to ${url}`)).toBe("to ****");
  });

  test("tells what Slack said, and never the webhook", async () => {
    status = 404;
    const { client } = open({ webhook_url: url });
    await using chat = await client;
    await expect(chat.send({ message: "hi" })).rejects.toMatchObject({
      code: "SLACK_FAILED",
      message: "Slack response 404 - no_service",
    });
    const away = await open({ webhook_url: "http://127.0.0.1:1/secret" }).client;
    const error: unknown = await away.send({ message: "hi" }).catch((reason: unknown) => reason);
    expect(String(error)).toContain("chat: Slack cannot be reached: ");
    expect(String(error)).not.toContain("secret");
  });

  test("is checked (CON-slack-01)", async () => {
    await expect(open({ webhook_url: url, style: "x" }).client).rejects.toThrow(
      'Connection "chat": Bad style x',
    );
    await expect(open({}).client).rejects.toThrow("Connection chat: Missing keys: webhook_url");
    await expect(open({ webhook_url: url, enabled: false }).client).rejects.toThrow(
      "Connection chat: Not enabled",
    );
  });
});
