"""One spec as a build with a process per file makes it: rendered with Jinja2, read as YAML, written as JSON."""
import json
import os
import sys

import jinja2
import yaml

spec, config, out = sys.argv[1:]
env = jinja2.Environment(
    loader=jinja2.FileSystemLoader("lava-jobs"),
    variable_start_string="<{", variable_end_string="}>",
    block_start_string="<%", block_end_string="%>",
    comment_start_string="<#", comment_end_string="#>",
)
with open(config, encoding="utf-8") as file:
    values = yaml.safe_load(file)
text = env.get_template(os.path.relpath(spec, "lava-jobs")).render(**values, env="dev")
with open(out, "w", encoding="utf-8") as file:
    json.dump(yaml.safe_load(text), file, indent=4, sort_keys=True)
