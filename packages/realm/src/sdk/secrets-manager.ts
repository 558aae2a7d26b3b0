/** What realm uses of the SDK for Secrets Manager, loaded on first use. */
export { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
