# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stdout callback hydra.swarm.verb."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verb
type: stdout
short_description: Stages, what changed, what failed, and reports as they are
version_added: 0.1.0
author: "The hydra.swarm authors (@hydra-swarm)"
description:
  - Shows each play as a stage, and of its tasks only those that changed something, failed or found a host unreachable.
    An unreachable host or failure that the playbook ignores is the playbook's to report. More with C(-v).
  - The message of an M(ansible.builtin.debug) task with the tag V(report) is printed as it is, with all its lines; of
    one with a loop that of every item.
  - Such a message is the report of a failure, too, if its task fails.
  - With the extra variable C(format=json) only those messages go to standard output, so that another program can read
    them; all else goes to standard error.
  - Values whose names look like a secret's, and passwords in URLs, are hidden in results, with C(-vvv) too.
  - Before the first play, variables of the inventory that nobody reads are refused, where that play has no task of
    M(hydra.swarm.inventory_check) that would do so with all else.
  - A playbook none of whose plays found a host ends with an error and an exit status of 1, since nothing was done.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout_callback in the configuration
"""

import json
from typing import Any

from ansible import constants, context
from ansible.plugins.callback.default import CallbackModule as Default
from ansible_collections.hydra.swarm.plugins.module_utils.common.text import shown, told, unrevealing
from ansible_collections.hydra.swarm.plugins.module_utils.engine import world_sdk
from ansible_collections.hydra.swarm.plugins.module_utils.report import trouble
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import variables
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.world_variables import known_here
from ansible_collections.hydra.swarm.plugins.plugin_utils import _vars_files
from ansible_collections.hydra.swarm.plugins.plugin_utils._places import places

# How the docker command line, which also is the way into machines that are containers, says that a user may not use it.
DENIED = "permission denied while trying to connect to the"
CHECK = "inventory_check"
DETAILS = ("stderr", "stdout", "module_stderr", "module_stdout")


class _ToStderr:
    """A display whose every line goes to standard error."""

    def __init__(self, display: Any):
        self._display = display

    def __getattr__(self, name: str) -> Any:
        return getattr(self._display, name)

    def display(self, msg: str, **options: Any) -> None:
        self._display.display(msg, **{**options, "stderr": True})

    def banner(self, msg: str, **options: Any) -> None:
        self.display(f"\n{msg}", **options)


class CallbackModule(Default):
    """The default callback with less to say."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "hydra.swarm.verb"

    def __init__(self) -> None:
        super().__init__()
        self._display: Any
        self._stdout = self._display
        self._stage = ""
        self._nobody: list[str] = []  # whom plays were for that found no host
        self._unchecked = False

    def _dump_results(self, result: Any, *arguments: Any, **options: Any) -> str:
        """A whole result is shown with C(-v) only, and what looks like a secret in it never."""
        text = super()._dump_results(result, *arguments, **options)
        return unrevealing(text, told(result))

    @property
    def _quiet(self) -> bool:
        return not self._display.verbosity

    @property
    def _json(self) -> bool:
        return self._display is not self._stdout

    def get_option(self, k: str, hostvars: Any = None) -> Any:
        if k in ("display_ok_hosts", "display_skipped_hosts") and self._quiet:
            return False
        return super().get_option(k, hostvars)

    def v2_playbook_on_start(self, playbook: Any) -> None:
        super().v2_playbook_on_start(playbook)
        plays = playbook.get_plays()
        _vars_files.keep(plays)
        # What is checked in a later play may be so after something was touched, or not at all if that has no host.
        tasks = (task for part in (plays[0].get_tasks() if plays else []) for task in _each(part))
        self._unchecked = not any(task.action.rpartition(".")[2] == CHECK for task in tasks)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        if self._unchecked:
            self._unchecked = False
            _check(play.get_variable_manager(), play.get_loader())
        self._for = play.hosts
        if play.get_variable_manager().extra_vars.get("format") == "json" and not self._json:
            self._display = _ToStderr(self._stdout)
        if not self._quiet:
            super().v2_playbook_on_play_start(play)
            return
        self._play = play
        self._stage = "" if self._json else play.get_name().strip()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        # Only now is it certain that the stage has a host; one without any has nothing to do and is not shown.
        if self._stage:
            self._display.display(f"== {self._stage}", color=constants.COLOR_HIGHLIGHT)
            self._stage = ""
        super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        self._nobody += [self._for] if isinstance(self._for, str) else self._for
        if not self._quiet:
            super().v2_playbook_on_no_hosts_matched()

    def v2_playbook_on_include(self, included_file: Any) -> None:
        if not self._quiet:
            super().v2_playbook_on_include(included_file)

    def _print_task_banner(self, task: Any) -> None:
        if not self._quiet:
            super()._print_task_banner(task)
            return
        self._display.display(f"-- {self._last_task_name or task.get_name().strip()}")
        self._last_task_banner = task._uuid

    def _reported(self, result: Any) -> bool:
        """Whether it is a report, which then was shown."""
        if result.task.action not in constants._ACTION_DEBUG or "report" not in result.task.tags:
            return False
        if result.task.loop and "results" in result.result:  # each item was shown before
            return True
        message = result.result.get("msg")
        if message is not None:
            self._stdout.display(shown(message) if isinstance(message, str) else json.dumps(message, indent=4))
        return message is not None

    def v2_runner_on_ok(self, result: Any) -> None:
        if self._reported(result):
            return
        if self._quiet and not result.result.get("changed", False):
            self._handle_warnings(result.result)
        else:
            super().v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        if not self._reported(result):
            super().v2_runner_item_on_ok(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if result.result.get("failed_when_result") and self._reported(result):
            return
        if not self._quiet:
            super().v2_runner_on_failed(result, ignore_errors)
        elif not ignore_errors and not (result.task.loop and "results" in result.result):
            self._trouble("FAILED", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        if not self._quiet:
            super().v2_runner_item_on_failed(result)
        elif not result.task.ignore_errors:
            self._trouble(f"FAILED at {self._get_item_label(result.result)}", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        if not self._quiet:
            super().v2_runner_on_unreachable(result)
        elif not result.task.ignore_unreachable:
            self._trouble("UNREACHABLE", result)

    def v2_runner_retry(self, result: Any) -> None:
        if not self._quiet:
            super().v2_runner_retry(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if not stats.processed and self._nobody:
            # An exit, since Ansible takes this for a success and any other error of a callback for a warning.
            raise SystemExit(f"Nothing was done: {self._none()}")
        if not (self._json and self._quiet):
            super().v2_playbook_on_stats(stats)

    def _none(self) -> str:
        wanted = ", ".join(dict.fromkeys(one for one in self._nobody if one)) or "any play"
        limit = context.CLIARGS.get("subset")
        where = ", ".join(map(str, context.CLIARGS.get("inventory") or ()))
        within = f" within --limit {limit}" if limit else ""
        return f"inventory {where} has no host for {wanted}{within}; name one that has (INVENTORY=..., or -i)"

    def _trouble(self, what: str, result: Any) -> None:
        """A failure's own words, with their line ends, and what a command printed."""
        if self._last_task_banner != result.task._uuid:
            self._print_task_banner(result.task)
        self._handle_warnings(result.result)
        told = result.result
        words = [str(told.get("msg") or told.get("censored") or "no message")]
        words += [str(told[key]) for key in DETAILS if told.get(key) and str(told[key]) not in words[0]]
        text = trouble.unanswered(self.host_label(result), told) or "\n".join(part.rstrip() for part in words)
        if DENIED in text:
            text = f"the Docker Engine of this computer: {world_sdk.DENIED}"
        self._display.display(
            f"{what} [{self.host_label(result)}]: {shown(text)}",
            color=constants.COLOR_ERROR,
            stderr=self.get_option("display_failed_stderr"),
        )


def _each(part: Any) -> list[Any]:
    """The tasks of what a play lists: a task, or a block of them, such as a role's."""
    inner = part if isinstance(part, list) else getattr(part, "block", None)
    return [part] if inner is None else [task for one in inner for task in _each(one)]


def _check(manager: Any, loader: Any) -> None:
    """End the run where the inventory has variables that look like this project's and are not."""
    given = places(manager._inventory, loader, manager)
    own = variables.own(given)
    found = [] if own is None else variables.problems(given, *known_here(), own)
    if found:
        raise SystemExit("\n- ".join([f"Nothing was touched: the inventory breaks {len(found)} rule(s).", *found]))
