/** What realm uses of the SDK for SES, loaded on first use. */
export { SESClient } from "@aws-sdk/client-ses";
