/** What realm uses of the SDK for Lambda, loaded on first use. */
export { LambdaClient } from "@aws-sdk/client-lambda";
