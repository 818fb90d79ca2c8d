"""The standards at hand: loaded and checked at start, several standards and versions side by side."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kbs.fields import Faults, read_yaml
from kbs.standard_file import from_data
from kbs.statements import Standard

SHIPPED = Path(__file__).parent / "standards"
"""The folder of the standards that come with the product."""


class StandardError(Exception):
    """Files of standards that cannot be used. `faults` has a line "file: where: what is wrong" for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class UnknownStandard(LookupError):
    """No standard of this reference and version is in the catalogue."""

    def __init__(self, reference: str, version: str) -> None:
        super().__init__(f"Standard {reference} version {version} is not in the catalogue")
        self.reference, self.version = reference, version


def load_standard(path: Path) -> Standard:
    """The standard in one file. Raises StandardError with everything that is wrong in it."""
    faults = Faults(path.name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StandardError([f"{path.name}: the file: cannot be read: {error}"]) from error
    data = read_yaml(text, faults)
    if faults.found:
        raise StandardError(faults.found)
    standard = from_data(data, faults)
    if faults.found:
        raise StandardError(faults.found)
    return standard


def version_key(version: str) -> tuple[int, ...]:
    """Sorts version 1.9 before 1.10."""
    return tuple(int(part) for part in version.split("."))


class Catalogue:
    """The standards in one or more folders; a later folder replaces the same version of an earlier one.

    Raises StandardError with the faults of all files together, for a standard that stands twice in one
    folder, for a replacement with other statements or duties than the original (recorded coverage would
    mean something else), and when there is no standard at all.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._standards: dict[tuple[str, str], Standard] = {}
        faults: list[str] = []
        looked_in = tuple(folders)
        for folder in looked_in:
            self._take_in(folder, faults)
        if not self._standards and not faults:
            faults.append(
                f"{', '.join(map(str, looked_in))}: the folder: there is no standard (*.yaml) in it"
            )
        if faults:
            raise StandardError(faults)

    def _take_in(self, folder: Path, faults: list[str]) -> None:
        files: dict[tuple[str, str], str] = {}
        for path in sorted(folder.glob("*.yaml")):
            try:
                standard = load_standard(path)
            except StandardError as error:
                faults.extend(error.faults)
                continue
            key = (standard.reference, standard.version)
            if key in files:
                faults.append(f"{path.name}: reference: {standard} stands in {files[key]} too")
                continue
            files[key] = path.name
            faults.extend(f"{path.name}: {fault}" for fault in self._contradictions(standard))
            self._standards[key] = standard

    def _contradictions(self, standard: Standard) -> Iterator[str]:
        replaced = self._standards.get((standard.reference, standard.version))
        if replaced is None:
            return
        if replaced.codes != standard.codes:
            yield f"statements: the codes differ from those of the {standard} that this file would replace"
            return
        for before, now in zip(replaced.items, standard.items, strict=True):
            if before.text != now.text:
                yield f"{now.code}: worded differently from the {standard} that this file would replace"

    def get(self, reference: str, version: str) -> Standard:
        """Raises UnknownStandard."""
        try:
            return self._standards[reference, version]
        except KeyError:
            raise UnknownStandard(reference, version) from None

    def all(self) -> tuple[Standard, ...]:
        """By reference, then oldest version first."""
        in_order = sorted(self._standards.values(), key=lambda one: (one.reference, version_key(one.version)))
        return tuple(in_order)

    def default(self) -> Standard:
        """The newest version of the standard that was found first: of those shipped, if there are any."""
        first = next(iter(self._standards.values())).reference
        return [one for one in self.all() if one.reference == first][-1]


def load_catalogue(*folders: Path) -> Catalogue:
    """The standards in these folders, or the shipped ones if none is named; a later folder wins.

    A folder that does not exist yet holds nothing. Raises StandardError.
    """
    return Catalogue(folders or (SHIPPED,))
