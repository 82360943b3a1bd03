# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import student_names

RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"


@pytest.mark.parametrize("name", ["a", "student1", "anna-maria", "x" * 31, "a-"])
def test_names(name: str) -> None:
    assert student_names.name_problems(student=name, project=name) == []


@pytest.mark.parametrize(
    "name",
    [
        "../student2",
        "student2/x",
        "ml/../../bob/ml",
        "/exports/student-volumes/bob/ml",
        "/exports",
        "..",
        ".",
        "Student1",
        "1st",
        "-a",
        "a_b",
        "a.b",
        "a b",
        "ä",
        "x" * 32,
        "a\n",
        5,
    ],
)
def test_names_that_are_none(name: Any) -> None:
    assert student_names.name_problems(student=name) == [f"student {str(name)!r}: {RULE}, for example STUDENT=student1"]
    assert student_names.name_problems(project=name) == [f"project {str(name)!r}: {RULE}, for example PROJECT=ml"]


@pytest.mark.parametrize(("name", "host"), [("ada", True), ("a-1", True), ("ada-", False), ("a--", False)])
def test_names_that_are_parts_of_a_hosts_name(name: str, host: bool) -> None:
    assert student_names.host_problems(name) == (
        []
        if host
        else [
            f"student '{name}': its workspace is the host NAME.students..., whose parts end in no '-': end it "
            "with a letter or digit, for example STUDENT=student1"
        ]
    )


@pytest.mark.parametrize("name", ["", None])
def test_a_name_that_is_missing(name: Any) -> None:
    assert student_names.name_problems(student=name, project="ml") == [
        "no student is named: for example STUDENT=student1 (-e student=student1)"
    ]


def test_no_two_pairs_of_names_give_one_volume() -> None:
    assert student_names.volume_name("a-b", "c") == "a-b.c" != student_names.volume_name("a", "b-c")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        *(("", ""), ("ada.ml", ""), ("hydra-vol-ada", ""), ("app.Ada_1", "")),
        ("bob.ml", "that is how project ml of student bob is called"),
        ("ada.home", "that is how project home of student ada is called"),
        *((bad, "use letters, digits, '_', '.' and '-'") for bad in ("x", "/exports", "a b", "a:b", "{{ x }}", ".a")),
    ],
)
def test_a_volume_under_another_name(name: str, problem: str) -> None:
    assert student_names.volume_name("ada", "ml", name) == (name or "ada.ml")
    found = student_names.volume_name_problems("ada", "ml", name)
    assert [one.partition(": ")[2].partition(";")[0].partition(", at least")[0] for one in found] == [problem] * bool(
        problem
    )
