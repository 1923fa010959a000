"""A plan as a folder: ``plan.json``, whole and readable again, beside the files people open.

The folder needs nothing else: ``plan.json`` holds the scenario too, tables included, so a plan can
be audited on another machine, years later. Its digest says whether scenario and plan still belong
together. The folder appears complete or not at all.
"""

from coldchain.plan_folder.plan_file import PLAN_FILE, read_plan
from coldchain.plan_folder.writing import check_destination, write_plan

__all__ = ["PLAN_FILE", "check_destination", "read_plan", "write_plan"]
