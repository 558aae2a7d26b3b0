import type { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { type Data, LavaError, parseJson } from "@lava/core";
import { toWireJson } from "@lava/spec";
import { fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";
import type { StateType } from "./types.ts";

/** The limit of KMS Encrypt, in bytes (STATE-07). */
const MAX_SECURE = 4096;

/** A value as its item stores it (WF-146 to WF-148). */
export async function encodeState(
  state_id: string,
  value: Data,
  type: StateType,
  options: { clients: AwsClients; kms_key: string },
): Promise<Data> {
  if (type === "raw") return value;
  const text = toWireJson(value);
  if (type === "json") return text;
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_SECURE) {
    throw new LavaError(
      "STATE_TOO_LARGE",
      `Secure state item ${state_id} has ${bytes.length} bytes of JSON; at most ${MAX_SECURE} can be encrypted`,
      { retry: "never" },
    );
  }
  const { clients, kms_key } = options;
  return kmsCall(clients, async (kms, { EncryptCommand }) => {
    const answer = await kms.send(new EncryptCommand({ KeyId: kms_key, Plaintext: bytes }));
    return answer.CiphertextBlob ?? new Uint8Array();
  });
}

/** The value of a stored item; the key of a secure one is known to the service. */
export async function decodeState(
  state_id: string,
  stored: Data,
  type: StateType,
  clients: AwsClients,
): Promise<Data> {
  if (type === "raw") return stored;
  if (type === "json" && typeof stored === "string") return parseJson(stored);
  if (type === "secure" && stored instanceof Uint8Array) {
    const text = await kmsCall(clients, async (kms, { DecryptCommand }) => {
      const answer = await kms.send(new DecryptCommand({ CiphertextBlob: stored }));
      return Buffer.from(answer.Plaintext ?? []).toString();
    });
    return parseJson(text);
  }
  throw new LavaError("BAD_STATE_ITEM", `Bad state item: ${state_id}: value is not ${type}`, {
    retry: "never",
  });
}

interface Commands {
  readonly EncryptCommand: typeof EncryptCommand;
  readonly DecryptCommand: typeof DecryptCommand;
}

async function kmsCall<T>(
  clients: AwsClients,
  action: (kms: Awaited<ReturnType<AwsClients["kms"]>>, sdk: Commands) => Promise<T>,
): Promise<T> {
  try {
    return await action(await clients.kms(), await import("../sdk/kms.ts"));
  } catch (error) {
    throw fromAwsError(error, clients.settings, "KMS");
  }
}
