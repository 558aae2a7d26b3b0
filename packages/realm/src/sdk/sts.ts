/** What realm uses of the SDK for STS, loaded on first use. */
export { STSClient } from "@aws-sdk/client-sts";
