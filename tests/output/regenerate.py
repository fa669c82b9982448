#!/usr/bin/python3 -P
"""Writes the golden files with AWS CLI v2's own formatters (Debian: apt-get install awscli)."""

import io
import json
import pathlib
import types

import awscli  # noqa: F401, it makes botocore importable
import jmespath
from awscli import formatter, table

HERE = pathlib.Path(__file__).parent
FORMATS = ["json", "text", "table", "table-colour", "yaml", "yaml-stream"]

# The library that resets the terminal after each write must not touch our own output.
table.colorama.init = lambda **_: None
table.determine_terminal_width = lambda default_width=80: 80


class Resetting(io.StringIO):
    """A stream in colour, as that library wraps it."""

    def write(self, text):
        super().write(text + "\x1b[0m")


def printed(name, value, query=None):
    colour = name.endswith("-colour")
    arguments = types.SimpleNamespace(query=query, color="on" if colour else "off")
    stream = Resetting() if colour else io.StringIO()
    chosen = formatter.get_formatter(name.removesuffix("-colour"), arguments)
    chosen._remove_request_id = lambda response: None
    chosen("ListPackages", value, stream)
    return stream.getvalue()


def write_cases():
    for path in sorted(HERE.glob("*/input.json")):
        for name in FORMATS:
            target = path.parent / name
            target.unlink(missing_ok=True)
            try:
                output = printed(name, json.loads(path.read_text()))
            except Exception as error:
                print(f"{target.relative_to(HERE)}: {type(error).__name__}: {error}")
                continue
            target.write_bytes(output.encode())


def answer(given, expression):
    try:
        query = jmespath.compile(expression)
    except Exception as error:
        message = f"Bad value for --query {expression}: {error}"
        return {"expression": expression, "error": message, "exit": 252}
    try:
        return {"expression": expression, "output": printed("json", given, query)}
    except Exception as error:
        return {"expression": expression, "error": str(error), "exit": 255}


def write_queries():
    expected = [
        answer(group["given"], expression)
        for group in json.loads((HERE / "queries.json").read_text())
        for expression in group["expressions"]
    ]
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    (HERE / "queries.expected.json").write_text(text + "\n")


write_cases()
write_queries()
