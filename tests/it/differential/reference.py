"""Runs AWS's own client for the differential tests, many command lines in one process.

Reads a line of JSON for each command line, {"arguments": [...], "variables": {...}, "folder": ...},
and writes a line of JSON for each: {"code": ..., "out": ..., "err": ...}. Standard output and
standard error are taken at the level of descriptors, so that nothing escapes.
"""

import json
import os
import sys
import tempfile
import time

import awscli
import awscli.clidriver

answers = os.fdopen(os.dup(1), "w")
# The client tells itself by a variable where its data is.
own = {name: os.environ[name] for name in ("AWS_DATA_PATH",) if name in os.environ}


def run(arguments):
    sys.argv = ["aws", "codeartifact", *arguments]
    try:
        return awscli.clidriver.main()
    except SystemExit as stop:
        return stop.code or 0


def captured(request):
    os.environ.clear()
    os.environ.update(own | request["variables"])
    time.tzset()
    os.chdir(request["folder"])
    kept = os.dup(1), os.dup(2)
    files = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    streams = sys.stdout, sys.stderr
    os.dup2(files[0].fileno(), 1)
    os.dup2(files[1].fileno(), 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    try:
        code = run(request["arguments"])
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                pass
        sys.stdout, sys.stderr = streams
        for number in (0, 1):
            os.dup2(kept[number], number + 1)
            os.close(kept[number])
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace"))
        file.close()
    return {"code": code, "out": texts[0], "err": texts[1]}


print(json.dumps(awscli.__version__), file=answers, flush=True)
for line in sys.stdin:
    print(json.dumps(captured(json.loads(line))), file=answers, flush=True)
