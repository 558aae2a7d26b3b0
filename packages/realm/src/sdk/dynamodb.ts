/**
 * What realm uses of the SDK for items, loaded together on first use. Named here one by one, so that a bundle holds
 * these and nothing else.
 */
export { DynamoDBClient } from "@aws-sdk/client-dynamodb";
export {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
