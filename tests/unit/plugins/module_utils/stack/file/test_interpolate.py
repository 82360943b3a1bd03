# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.interpolate import expand, substitute
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report

VARIABLES = {"A": "a", "EMPTY": "", "_x9": "x"}
FORMS = (
    "; write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+text}, and a dollar sign that is meant as one as $$"
)
REMEDY = "set it in .env beside the file or in the environment, or write "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no variable", "no variable"),
        ("$A", "a"),
        ("${A}", "a"),
        ("$_x9.$A-b", "x.a-b"),
        ("${EMPTY}", ""),
        ("${NO-d}", "d"),
        ("${NO:-d}", "d"),
        ("${NO-}", ""),
        ("${EMPTY-d}", ""),
        ("${EMPTY:-d}", "d"),
        ("${A:-d}${A-d}", "aa"),
        ("${A?why}${A:?why}${EMPTY?why}", "aa"),
        ("${A:+yes}${A+yes}${EMPTY+yes}", "yesyesyes"),
        ("${EMPTY:+yes}${NO+yes}${NO:+yes}", ""),
        ("${NO:-${A}}", "a"),
        ("${NO:-${NOR:-${EMPTY:-deep}}}/x", "deep/x"),
        ("${NO:-$A:5$$}", "a:5$"),
        ("${A:+<$A>}", "<a>"),
        ("${NO:-a:-b}", "a:-b"),
        ("${NO:-with spaces, and {braces}", "with spaces, and {braces"),
        ("$$A $${A} $$$A", "$A ${A} $a"),
        ("5$ or $5, ^x$|(.*)$", "5$ or $5, ^x$|(.*)$"),
        ("$(date)", "$(date)"),
        ("{{.Node.Hostname}} {% x %}", "{{.Node.Hostname}} {% x %}"),
    ],
)
def test_variables_are_replaced(text: str, expected: str) -> None:
    problems: list[str] = []
    assert (substitute(text, VARIABLES, problems), problems) == (expected, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$NO", f"variable NO is not set; {REMEDY}${{NO:-default}}"),
        ("${NO}", f"variable NO is not set; {REMEDY}${{NO:-default}}"),
        ("${NO:-${NOR}}", f"variable NOR is not set; {REMEDY}${{NOR:-default}}"),
        ("${NO?}", "variable NO is not set and has to be"),
        ("${NO:?say $A}", "variable NO is not set: say a"),
        ("${EMPTY:?say it}", "variable EMPTY is empty: say it"),
        ("${A/x/y}", f"'${{A/x/y}}' is no variable{FORMS}"),
        ("${}", f"'${{}}' is no variable{FORMS}"),
        ("a ${A:-${B}", f"'${{A:-${{B}}' is no variable{FORMS}"),
    ],
)
def test_one_without_a_value_is_named(text: str, problem: str) -> None:
    problems: list[str] = []
    substitute(text, VARIABLES, problems)
    assert problems == [problem]


def test_values_are_expanded_at_every_depth_and_keys_are_not() -> None:
    report = Report("core.yml", {("a", "$A", 1): (7, 3)})
    data = {"a": {"$A": ["$A", "$NO", None]}}
    assert expand(data, VARIABLES, report) == {"a": {"$A": ["a", UNKNOWN, None]}}
    assert report.problems == [f"core.yml:7:3: a.$A[1]: variable NO is not set; {REMEDY}${{NO:-default}}"]
