/**
 * What realm uses of the SDK for items, loaded together on first use. Named here one by one, so that a bundle holds
 * these and nothing else.
 */
export {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
