import {
  SESClient,
  ListIdentitiesCommand,
  SendEmailCommand,
  SendRawEmailCommand,
  VerifyDomainIdentityCommand,
  VerifyEmailIdentityCommand,
} from "@aws-sdk/client-ses";
import { SendEmailCommand as SendV2, SESv2Client } from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

let at: ContractTarget;
let v1: SESClient;
let v2: SESv2Client;
beforeAll(async () => {
  at = await openContractTarget();
  v1 = new SESClient(clientSettings(at.target));
  v2 = new SESv2Client(clientSettings(at.target));
  await v1.send(new VerifyDomainIdentityCommand({ Domain: "example.org" }));
});
afterAll(async () => {
  v1.destroy();
  v2.destroy();
  await at[Symbol.asyncDispose]();
});

const Message = { Subject: { Data: "Grüße" }, Body: { Text: { Data: "hi" } } };

it("takes simple and raw mails and gives each an id", async () => {
  const simple = await v1.send(
    new SendEmailCommand({
      Source: "a@example.org",
      Destination: { ToAddresses: ["b@example.org"] },
      Message,
    }),
  );
  const Data = new TextEncoder().encode(
    "From: a@example.org\r\nTo: c@example.org\r\nSubject: raw\r\n\r\nx",
  );
  const raw = await v1.send(
    new SendRawEmailCommand({
      Source: "a@example.org",
      Destinations: ["c@example.org"],
      RawMessage: { Data },
    }),
  );
  const second = await v2.send(
    new SendV2({
      FromEmailAddress: "a@example.org",
      Destination: { ToAddresses: ["b@example.org"] },
      Content: { Simple: Message },
    }),
  );

  const ids = [simple.MessageId, raw.MessageId, second.MessageId];
  expect(ids.every((id) => typeof id === "string" && id.length > 10)).toBe(true);
  expect(new Set(ids).size).toBe(3);
});

it("lists domains apart from addresses", async () => {
  await v1.send(new VerifyEmailIdentityCommand({ EmailAddress: "me@elsewhere.org" }));
  const domains = await v1.send(new ListIdentitiesCommand({ IdentityType: "Domain" }));
  const addresses = await v1.send(new ListIdentitiesCommand({ IdentityType: "EmailAddress" }));

  expect(domains.Identities).toContain("example.org");
  expect(domains.Identities).not.toContain("me@elsewhere.org");
  expect(addresses.Identities).toContain("me@elsewhere.org");
});
