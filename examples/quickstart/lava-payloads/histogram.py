#!/usr/bin/env python3
"""Wet days by month, drawn with text."""
import os
import sqlite3
import subprocess

database = subprocess.check_output([os.environ["LAVA_CONN_SETTINGS"], "database"], text=True)
with sqlite3.connect(database) as connection:
    rows = connection.execute(
        "SELECT month, sum(rain_mm > 0) * 1.0 / count(DISTINCT year) FROM weather GROUP BY month"
    )
    for month, days in rows:
        print(f"{month:2d} {'#' * round(days)} {days:.1f}")
