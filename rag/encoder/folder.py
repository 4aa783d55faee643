"""A folder of a trained model's weights: whether they exist, and what it is called. Does not read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.errors import NeedError

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """Weights `file` in `folder`; `shipped` is the package's own folder, `setting` the setting that selects one.

    Raises NeedError if the file is missing.
    """

    folder: Path
    file: str
    shipped: Path
    setting: str

    def __post_init__(self) -> None:
        if not self.path.is_file():
            raise NeedError(
                f"{self.folder}: holds no {self.file}; set {self.setting} to {BUNDLED}, or to a folder that "
                "`python -m rag.training ship` has made"
            )

    @property
    def path(self) -> Path:
        """The weights file."""
        return self.folder / self.file

    @property
    def name(self) -> str:
        """The folder's path; `bundled` for the package's own weights."""
        return BUNDLED if self.folder == self.shipped else str(self.folder)


def chosen(setting: str, shipped: Path) -> Path:
    """The folder named by a setting's value: the shipped one for `bundled`."""
    return shipped if setting == BUNDLED else Path(setting).expanduser()
