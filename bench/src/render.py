"""Renders the same templates as render.ts with Jinja2; prints the seconds and the texts as JSON."""
import json
import sys
import time

import jinja2

given = json.load(sys.stdin)
env = jinja2.Environment()
templates = [env.from_string(source) for source in given["templates"]]
context = given["context"]
start = time.perf_counter()
for _ in range(given["rounds"]):
    for template in templates:
        template.render(context)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "texts": [template.render(context) for template in templates]}))
