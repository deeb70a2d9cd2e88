"""The consolidated report (汇总): figures, files for the staff, covering letter."""

from service.report.bundle import build, enclosed
from service.report.covering_letter import covering
from service.report.figures import Figures, totals
from service.report.layout import Placed, plan
from service.report.scoring import Rule

__all__ = ["Figures", "Placed", "Rule", "build", "covering", "enclosed", "plan", "totals"]
