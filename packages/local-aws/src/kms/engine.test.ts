import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  InvalidCiphertextException,
  type KMSClient,
  ListAliasesCommand,
  NotFoundException,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kmsClient } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let kms: KMSClient;
beforeAll(async () => {
  aws = await startLocalAws();
  kms = kmsClient(aws);
});
afterAll(async () => {
  kms.destroy();
  await aws[Symbol.asyncDispose]();
});

it("encrypts under an alias and decrypts in the same context only", async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: "mine" }));
  await kms.send(
    new CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyMetadata?.KeyId }),
  );
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: "alias/mine",
      Plaintext: Buffer.from("secret"),
      EncryptionContext: { a: "1", b: "2" },
    }),
  );

  const decrypted = await kms.send(
    new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: "2", a: "1" } }),
  );
  expect(Buffer.from(decrypted.Plaintext ?? []).toString()).toBe("secret");
  expect(decrypted.KeyId).toBe(KeyMetadata?.Arn);
  await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toBeInstanceOf(
    InvalidCiphertextException,
  );
  expect((await kms.send(new ListAliasesCommand({}))).Aliases).toMatchObject([
    { AliasName: "alias/mine", TargetKeyId: KeyMetadata?.KeyId },
  ]);
});

it("makes data keys under the keys that AWS itself manages", async () => {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
  expect(KeyMetadata).toMatchObject({ KeyManager: "AWS", KeyState: "Enabled" });

  const data = await kms.send(
    new GenerateDataKeyCommand({ KeyId: "alias/aws/ssm", KeySpec: "AES_256" }),
  );
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: data.CiphertextBlob }));
  expect(Plaintext).toHaveLength(32);
  expect(Plaintext).toEqual(data.Plaintext);
});

it("does not know keys that nobody made", async () => {
  for (const KeyId of ["alias/none", "00000000-0000-0000-0000-000000000000"]) {
    await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
  }
});
