import {
  ListIdentitiesCommand,
  SendEmailCommand,
  SendRawEmailCommand,
  SESClient,
} from "@aws-sdk/client-ses";
import {
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  ListEmailIdentitiesCommand,
  NotFoundException,
  SendEmailCommand as SendV2,
  SESv2Client,
} from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type LocalAws, readMails, startLocalAws } from "../index.ts";

let aws: LocalAws;
let v1: SESClient;
let v2: SESv2Client;
beforeAll(async () => {
  aws = await startLocalAws();
  v1 = new SESClient({ ...clientSettings(aws), region: "eu-west-1" });
  v2 = new SESv2Client(clientSettings(aws));
});
afterAll(async () => {
  v1.destroy();
  v2.destroy();
  await aws[Symbol.asyncDispose]();
});

it("mails land in the data folder, as they were and as they would travel", async () => {
  await v1.send(
    new SendEmailCommand({
      Source: "a@x.org",
      Destination: {
        ToAddresses: ["b@x.org"],
        CcAddresses: ["c@x.org"],
        BccAddresses: ["d@x.org"],
      },
      ReplyToAddresses: ["r@x.org"],
      Message: { Subject: { Data: "Grüße" }, Body: { Html: { Data: "<b>ü</b>" } } },
    }),
  );
  const raw =
    'From: "A, B" <a@x.org>\r\nTo: "C, D" <b@x.org>,\r\n e@x.org\r\nSubject: =?utf-8?Q?=C3=BC_x?=\r\n\r\nbody é\r\n';
  await v2.send(new SendV2({ Content: { Raw: { Data: Buffer.from(raw, "latin1") } } }));
  const [first, second] = readMails(aws.dataDir);

  expect(first).toMatchObject({
    region: "eu-west-1",
    from: "a@x.org",
    destinations: ["b@x.org", "c@x.org", "d@x.org"],
    replyTo: ["r@x.org"],
    subject: "Grüße",
    html: "<b>ü</b>",
  });
  expect(first?.raw).toContain("To: b@x.org\r\nCc: c@x.org\r\n");
  expect(first?.raw).not.toContain("d@x.org");
  expect(second).toMatchObject({
    from: '"A, B" <a@x.org>',
    destinations: ['"C, D" <b@x.org>', "e@x.org"],
    subject: "ü x",
    raw,
  });
});

it("faults are those of the service", async () => {
  const send = (more: object) =>
    v1.send(
      new SendEmailCommand({
        Source: "a@x.org",
        Destination: { ToAddresses: ["b@x.org"] },
        Message: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } },
        ...more,
      }),
    );
  await expect(send({ ConfigurationSetName: "none" })).rejects.toMatchObject({
    name: "ConfigurationSetDoesNotExistException",
  });
  await expect(send({ Destination: {} })).rejects.toThrow("No recipients specified");
  await expect(send({ Source: "nobody" })).rejects.toThrow("Missing final '@domain'");
  await expect(
    v1.send(new SendRawEmailCommand({ RawMessage: { Data: Buffer.from("To: b@x.org\r\n\r\n") } })),
  ).rejects.toThrow("Missing 'From' header");
  await expect(
    v2.send(new GetEmailIdentityCommand({ EmailIdentity: "none.org" })),
  ).rejects.toBeInstanceOf(NotFoundException);
});

it("identities are those of both versions of the API", async () => {
  await v2.send(new CreateEmailIdentityCommand({ EmailIdentity: "second.org" }));
  const { EmailIdentities } = await v2.send(new ListEmailIdentitiesCommand({}));
  const { Identities } = await v1.send(new ListIdentitiesCommand({ IdentityType: "Domain" }));

  expect(EmailIdentities).toMatchObject([{ IdentityName: "second.org", IdentityType: "DOMAIN" }]);
  expect(Identities).toEqual(["second.org"]);
});
