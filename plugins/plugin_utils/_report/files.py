# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are written whole or not at all. This plugin util is private to the collection."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible import constants


@dataclass(frozen=True)
class Wanted:
    """A file as it is to be."""

    path: Path
    text: str
    mode: int | None

    def found(self) -> str | None:
        """The text of the file as it is, None when there is none. What is no text counts as another text; other errors are OSError."""
        try:
            return self.path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def is_there(self) -> bool:
        """Whether the file is as it is to be."""
        return self.found() == self.text and self.mode in (None, stat.S_IMODE(self.path.stat().st_mode))

    def diff(self) -> dict[str, Any]:
        """The file before and after, as `--diff` shows it; too long ones are only named, as by the modules of Ansible."""
        before = self.found() or ""
        header = {"before_header": str(self.path), "after_header": str(self.path)}
        limit = constants.MAX_FILE_SIZE_FOR_DIFF
        if max(len(before), len(self.text)) > limit:
            return {**header, "src_larger": limit}
        return {**header, "before": before, "after": self.text}

    def write(self) -> None:
        """Have the file there. Whoever reads it meanwhile sees the old one or the new one; folders are made. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
                stream.write(self.text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(self._mode())
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _mode(self) -> int:
        """The mode that is asked for, else that of the file as it is, else what only its owner may read."""
        if self.mode is not None:
            return self.mode
        return stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else 0o600


def read_mode(value: Any) -> int | None:
    """A mode in octal digits. Raises ValueError; a number is refused, as YAML may have read it as decimal."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"0?[0-7]{3}", value):
        raise ValueError(f"{value!r} is not a mode: give its octal digits in quotes, such as '0644'.")
    return int(value, 8)
