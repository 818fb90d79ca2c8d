"""The competency frameworks at hand: those that ship and those a provider adds, loaded and checked at once."""

from collections.abc import Iterable
from pathlib import Path

from kbs.data_checks import Statements
from kbs.fields import Faults, read_yaml
from kbs.framework import Framework
from kbs.framework_file import framework_from_data

SHIPPED = Path(__file__).parent / "frameworks"
"""The folder of the frameworks that come with the product."""


class FrameworkError(Exception):
    """Files of frameworks that cannot be used. `faults` has a line "file: where: what is wrong" for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class UnknownFramework(LookupError):
    """No framework of this id is at hand."""

    def __init__(self, framework_id: str) -> None:
        super().__init__(f"There is no framework {framework_id}")
        self.framework_id = framework_id


def framework_from_text(text: str, file_name: str, statements: Statements | None = None) -> Framework:
    """The framework in one text, such as a file a provider sends. Raises FrameworkError with every fault."""
    faults = Faults(file_name)
    data = read_yaml(text, faults)
    if faults.found:
        raise FrameworkError(faults.found)
    framework = framework_from_data(data, faults, statements)
    if faults.found:
        raise FrameworkError(faults.found)
    return framework


def load_framework(path: Path, statements: Statements | None = None) -> Framework:
    """The framework in one file. Raises FrameworkError with everything that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FrameworkError([f"{path.name}: the file: cannot be read: {error}"]) from error
    return framework_from_text(text, path.name, statements)


class Frameworks:
    """The frameworks of one or more folders by id. An id that stands twice is a fault wherever it stands:

    ratings hang on it, so a provider's file never takes the place of another framework without saying so.
    """

    def __init__(self, folders: Iterable[Path], statements: Statements | None = None) -> None:
        self._by_id: dict[str, Framework] = {}
        self._older: dict[str, Framework] = {}
        faults: list[str] = []
        files: dict[str, str] = {}
        for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
            try:
                framework = load_framework(path, statements)
            except FrameworkError as error:
                faults.extend(error.faults)
                continue
            if framework.id in files:
                faults.append(f"{path.name}: id: {framework.id} stands in {files[framework.id]} too")
                continue
            files[framework.id] = path.name
            self._by_id[framework.id] = framework
        if faults:
            raise FrameworkError(faults)

    def with_own(self, own: Iterable[Framework], older: Iterable[Framework] = ()) -> "Frameworks":
        """These and a provider's own. `older` are not offered any more; `get` still finds them."""
        more = Frameworks(())
        more._by_id = self._by_id | {one.id: one for one in own}
        more._older = self._older | {one.id: one for one in older}
        return more

    def get(self, framework_id: str) -> Framework:
        """Also one that is not offered any more. Raises UnknownFramework."""
        found = self._by_id.get(framework_id) or self._older.get(framework_id)
        if found is None:
            raise UnknownFramework(framework_id)
        return found

    def all(self) -> tuple[Framework, ...]:
        """Those on offer, by title, then newest edition first."""
        by_edition = sorted(self._by_id.values(), key=lambda one: one.edition, reverse=True)
        return tuple(sorted(by_edition, key=lambda one: one.title.casefold()))


def load_frameworks(*folders: Path, statements: Statements | None = None) -> Frameworks:
    """The frameworks that ship, and those in further folders. Raises FrameworkError."""
    return Frameworks((SHIPPED, *folders), statements)
