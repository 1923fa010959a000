"""``certificate.json``: what the bound of a plan is proven with, beside the plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from coldchain.certificate import Certificate, certificate_in, document_of
from coldchain.errors import DataError, Fault
from coldchain.plan_folder.parsing import parsed, refused

CERTIFICATE_FILE = "certificate.json"

FORMAT = "coldchain certificate"
VERSION = 1
"""Rises when a file of the former version could not be read as it stands."""


def certificate_bytes(certificate: Certificate) -> bytes:
    """The whole ``certificate.json``, a row of a table a line; equal ones give equal bytes."""
    document = {"format": FORMAT, "version": VERSION, **document_of(certificate)}
    fields: list[str] = []
    for name, value in document.items():
        rows = cast("list[Any]", value) if isinstance(value, list) else []
        words = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in rows)
        text = f"[\n  {words}\n ]" if rows else json.dumps(value)
        fields.append(f" {json.dumps(name)}: {text}")
    return ("{\n" + ",\n".join(fields) + "\n}\n").encode()


def read_certificate(file: Path) -> Certificate:
    """The certificate in ``file``.

    Raises
    ------
    DataError
        It is not there, is none, or is not whole.
    OSError
        It is there and cannot be read.
    """
    name = str(file)
    document = parsed(file, CERTIFICATE_FILE)
    fields = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    if fields.pop("format", None) != FORMAT:
        raise refused(name, f'not a {CERTIFICATE_FILE}, which begins with "format": "{FORMAT}"')
    version = fields.pop("version", None)
    if version != VERSION:
        raise refused(name, f"version {VERSION} of the format", "version", str(version))
    try:
        return certificate_in(fields)
    except ValueError as error:
        column, _, expected = str(error).partition(": ")
        raise DataError(
            [Fault(file=name, row=0, column=column, value="", expected=expected)]
        ) from None
