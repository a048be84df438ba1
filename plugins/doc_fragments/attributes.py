# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of what the modules support."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes: `attributes` for modules that change something, `attributes.info` for those that only tell."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/golden.imagebuilder.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - golden.imagebuilder.all
  check_mode:
    description: Can run in check mode and return what the real run would do, without writing anything.
    support: full
  diff_mode:
    description: Returns what was and what will be, in check mode and otherwise.
    support: full
  idempotent:
    description: Run again without a change, it changes nothing and says so.
    support: full
"""

    INFO = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/golden.imagebuilder.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - golden.imagebuilder.all
  check_mode:
    description: Writes nothing in any mode.
    support: full
  diff_mode:
    description: Returns what was and what will be.
    support: N/A
    details: Nothing is changed.
  idempotent:
    description: Run again without a change, it changes nothing and says so.
    support: full
"""
