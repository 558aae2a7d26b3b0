"""Peers of the function s3trigger: an event on stdin, the answer as JSON on stdout.

s3trigger.py - QUEUE_URL: boto3 alone sends a message for each record, one after the other as the original does; what is
imported is what its function needs. s3trigger.py CHECKOUT: the function of a checkout of the original.
"""

import json
import logging
import sys
import time
import types

event = json.load(sys.stdin)
started = time.perf_counter()
if sys.argv[1] == "-":
    import boto3
    import jinja2  # noqa: F401

    sqs = boto3.client("sqs")

    def call(event):
        for record in event["Records"]:
            sqs.send_message(QueueUrl=sys.argv[2], MessageBody=json.dumps(record))

else:
    sys.path[:0] = [sys.argv[1], f"{sys.argv[1]}/lambda/s3trigger"]
    import s3trigger

    logging.disable(logging.CRITICAL)

    def call(event):
        s3trigger.lambda_handler(event, types.SimpleNamespace(aws_request_id="bench"))


imported = time.perf_counter()
call(event)
print(json.dumps({"import": (imported - started) * 1000, "call": (time.perf_counter() - imported) * 1000}))
