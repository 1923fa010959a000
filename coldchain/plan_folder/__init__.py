"""A plan as a folder: ``plan.json``, whole and readable again, beside the files people open.

Beside it lies ``certificate.json``, by which its bound can be worked out again.

The folder needs nothing else: ``plan.json`` holds the scenario too, tables included, so a plan can
be audited on another machine, years later. Its digest says whether scenario and plan still belong
together. The folder appears complete or not at all.
"""

from coldchain.plan_folder.certificate_file import CERTIFICATE_FILE
from coldchain.plan_folder.plan_file import PLAN_FILE, read_plan
from coldchain.plan_folder.writing import check_destination, write_plan

__all__ = ["CERTIFICATE_FILE", "PLAN_FILE", "check_destination", "read_plan", "write_plan"]
