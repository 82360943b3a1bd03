# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option O(registries) of modules that run images, as C(module_utils/image/registries.py) declares it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  registries:
    description:
      - Registries with a login or a certificate of their own. Those that the images to run are of are asked for these
        first, so that a wrong password, a certificate that the nodes do not trust or an image that is not there is told
        before anything is touched.
      - Logins travel to the nodes with the service.
    type: list
    elements: dict
    default: []
    suboptions:
      host: {description: 'The registry as images name it, with its port if it has one.', type: str, required: true}
      ca: {description: Not used here., type: str}
      username: {description: Who logs in., type: str}
      password: {description: With which password., type: str}
"""
