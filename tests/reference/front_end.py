"""QEMU's front end, for a test to ask: each line of input names a schema, each line of output is what it makes of it, as JSON."""

import contextlib
import io
import json
import runpy
import sys

TREE = sys.argv[1]
sys.path.insert(0, TREE + "/scripts")

from qapi import introspect  # noqa: E402
from qapi.error import QAPIError  # noqa: E402
from qapi.schema import QAPISchema  # noqa: E402

TEST_PROGRAM = runpy.run_path(TREE + "/tests/qapi-schema/test-qapi.py")


class Introspection(introspect.QAPISchemaGenIntrospectVisitor):
    """The same as QEMU's, but for the C code at the end."""

    def visit_end(self):
        for used in self._used_types:
            used.visit(self)

    def entries(self):
        return plain(self._trees)


def plain(value):
    if isinstance(value, introspect.Annotated):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    return value


def accepted(path):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        TEST_PROGRAM["test_frontend"](path)
    forms = {}
    for name, unmask in (("introspection", True), ("masked", False)):
        visitor = Introspection("", unmask)
        QAPISchema(path).visit(visitor)
        forms[name] = visitor.entries()
    return {"structure": said.getvalue(), **forms}


def verdict(path):
    try:
        QAPISchema(path)
    except QAPIError as error:
        info = getattr(error, "info", None)
        return {"line": info.line if info else None, "message": str(error)}
    except Exception as error:  # Whatever it is, it is no verdict.
        return {"crash": repr(error)}
    return accepted(path)


for line in sys.stdin:
    print(json.dumps(verdict(line.rstrip("\n"))), flush=True)
