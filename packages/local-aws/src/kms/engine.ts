import { randomBytes } from "node:crypto";
import type { Engine, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { choiceOf, integerOf, objectOf, required, textOf } from "../protocols/input.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { type EncryptionContext, type KmsKey, openKmsKeys } from "./keys.ts";

const MAX_PLAINTEXT = 4096;

/** KMS: symmetric keys, their aliases, and encryption with them. */
export function createKmsEngine(context: EngineContext): Engine {
  const keys = openKmsKeys(context);
  const { accountId, region } = context;
  const keyOf = (input: JsonObject, member = "KeyId") =>
    keys.get(required(textOf(input, member), member));

  function describe(key: KmsKey): object {
    return {
      AWSAccountId: accountId,
      KeyId: key.id,
      Arn: key.arn,
      CreationDate: key.created / 1000,
      Enabled: true,
      Description: key.description,
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: key.managedByAws ? "AWS" : "CUSTOMER",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
    };
  }

  function createKey(input: JsonObject): object {
    const spec = textOf(input, "KeySpec") ?? textOf(input, "CustomerMasterKeySpec");
    if (spec !== undefined && spec !== "SYMMETRIC_DEFAULT") {
      throw notImplemented("kms", `CreateKey with ${spec}`);
    }
    return { KeyMetadata: describe(keys.create(textOf(input, "Description") ?? "")) };
  }

  function createAlias(input: JsonObject): undefined {
    const name = required(textOf(input, "AliasName"), "AliasName");
    if (!/^alias\/[\w/-]{1,250}$/.test(name) || name.startsWith("alias/aws/")) {
      throw new AwsError("InvalidAliasNameException", `${name} is not a valid alias name`);
    }
    keys.createAlias(name, keyOf(input, "TargetKeyId"));
  }

  function listAliases(): object {
    const aliases = keys.listAliases().map(({ name, keyId }) => ({
      AliasName: name,
      AliasArn: `arn:aws:kms:${region}:${accountId}:${name}`,
      TargetKeyId: keyId,
    }));
    return { Aliases: aliases, Truncated: false };
  }

  function encrypt(input: JsonObject): object {
    const plaintext = blobOf(input, "Plaintext");
    if (plaintext.length < 1 || plaintext.length > MAX_PLAINTEXT) {
      throw new AwsError(
        "ValidationException",
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096",
      );
    }
    const key = keyOf(input);
    const ciphertext = keys.encrypt(key, plaintext, contextOf(input));
    return {
      KeyId: key.arn,
      CiphertextBlob: ciphertext.toString("base64"),
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    };
  }

  function decrypt(input: JsonObject): object {
    const found = keys.decrypt(blobOf(input, "CiphertextBlob"), contextOf(input));
    if (textOf(input, "KeyId") !== undefined && keyOf(input).id !== found.key.id) {
      throw new AwsError(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
      );
    }
    return {
      KeyId: found.key.arn,
      Plaintext: found.plaintext.toString("base64"),
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    };
  }

  function generateDataKey(input: JsonObject): object {
    const spec = choiceOf(input, "KeySpec", ["AES_256", "AES_128"]);
    const count = integerOf(input, "NumberOfBytes");
    if ((spec === undefined) === (count === undefined)) {
      throw new AwsError(
        "ValidationException",
        "Please specify either number of bytes or key spec.",
      );
    }
    const length = count ?? (spec === "AES_128" ? 16 : 32);
    if (length < 1 || length > 1024) {
      throw new AwsError("ValidationException", "NumberOfBytes must be between 1 and 1024");
    }
    const key = keyOf(input);
    const plaintext = randomBytes(length);
    return {
      KeyId: key.arn,
      Plaintext: plaintext.toString("base64"),
      CiphertextBlob: keys.encrypt(key, plaintext, contextOf(input)).toString("base64"),
    };
  }

  return {
    services: ["kms"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        CreateAlias: createAlias,
        CreateKey: createKey,
        Decrypt: decrypt,
        DescribeKey: (input) => ({ KeyMetadata: describe(keyOf(input)) }),
        Encrypt: encrypt,
        GenerateDataKey: generateDataKey,
        ListAliases: listAliases,
        ListKeys: () => ({
          Keys: keys.list().map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
          Truncated: false,
        }),
      },
    }),
  };
}

function blobOf(input: JsonObject, name: string): Buffer {
  return Buffer.from(required(textOf(input, name), name), "base64");
}

function contextOf(input: JsonObject): EncryptionContext {
  const context = objectOf(input, "EncryptionContext") ?? {};
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
}
