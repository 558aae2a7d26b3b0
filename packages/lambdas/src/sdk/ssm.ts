/** What the functions use of the SDK for SSM, loaded on first use. */
export {
  DescribeInstanceInformationCommand,
  InvalidDocument,
  InvalidInstanceId,
  InvalidParameters,
  SendCommandCommand,
} from "@aws-sdk/client-ssm";
