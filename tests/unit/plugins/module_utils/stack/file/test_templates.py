# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each of these was given to an engine (20.10 as well as 26.1), which took it, or did not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import templates
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import Report

TAKEN = [
    "",
    "plain {x} }} text",
    "{{.Node.Hostname}}-{{.Task.Slot}}",
    "{{ .Node.Hostname }} {% raw %}",
    "{{- .Node.ID -}}",
    "{{.Node.Platform.OS}}{{.Service.Labels}}{{.}}{{.Task}}",
    '{{"{{"}}',
    "{{`{{`}}",
    '{{index .Service.Labels "x"}}',
    '{{.Task.Slot | printf "%v"}}',
    "{{/* c */}}",
    "{{ if true }}x{{ end }}",
    "{{with .Node}}{{.ID}}{{end}}",
    "{{ ( .Node.ID ) }}",
    "{{$x := 1}}",
    "{{1}}",
    "{{'a'}}",
    '{{slice "abc" 1}}',
    '{{join "a" "b"}}',
]
REFUSED = [
    "a{{b",
    "{{foo}}",
    "{{.Foo}}",
    "{{.Service.Foo}}",
    "{{.Service.Labels.x}}",
    "{{.Node.ID.Foo}}",
    "{{.node.ID}}",
    '{{env "X"}}',
    '{{secret "a"}}',
    "{{json .Node}}",
    "{{nil}}",
    "{{}}",
    "{{ }}",
    '{{"a}}',
    "{{.Node.ID}",
    "{{if true}}",
    "{{end}}",
    "{{break}}",
    "{{~#?}}",
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_swarm_expands(text: str) -> None:
    assert templates.well_formed(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_it_does_not(text: str) -> None:
    assert not templates.well_formed(text)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"services": {"web": {"environment": {"PASSWORD": "s3cr{{et"}}}}, "services.web.environment.PASSWORD"),
        ({"services": {"web": {"hostname": "s3cr{{et"}}}, "services.web.hostname"),
        ({"services": {"web": {"volumes": [{"source": "x"}, {"target": "/s3cr{{et"}]}}}, "services.web.volumes[1]"),
        ({"services": {}, "volumes": {"data": None, "more": {"name": "s3cr{{et"}}}, "volumes.more.name"),
        ({"services": {}, "volumes": {"data": {"driver_opts": {"o": "s3cr{{et"}}}}, "volumes.data.driver_opts.o"),
    ],
)
def test_where_it_is_looked_for_and_that_the_value_is_not_repeated(document: dict[str, Any], where: str) -> None:
    report = Report("stack.yml")
    templates.check(document, report)
    assert report.problems == [f"stack.yml:1:1: {where}: {templates.PROBLEM}"]
    assert "s3cr" not in templates.PROBLEM
