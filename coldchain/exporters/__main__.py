"""Prints ``docs/columns.md``: every table read and written, column by column."""

from __future__ import annotations

import sys

from coldchain.columns import columns_markdown
from coldchain.exporters import TABLES

if __name__ == "__main__":
    sys.stdout.buffer.write(columns_markdown(TABLES).encode())
