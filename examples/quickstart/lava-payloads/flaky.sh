#!/bin/sh
echo "attempt $1: the upstream system did not answer" >&2
exit 3
