"""The built items in a table, one after the other, as the original's install puts them."""
import json
import sys

import boto3

table = boto3.resource("dynamodb").Table(sys.argv[1])
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        table.put_item(Item=json.load(file))
