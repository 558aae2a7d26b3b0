/** What realm uses of the SDK for KMS, loaded on first use. */
export { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
