/** What realm uses of the SDK for SSM, loaded on first use. */
export { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
