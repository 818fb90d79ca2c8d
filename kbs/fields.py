"""Reading typed values out of a data file while collecting every fault, so that all are shown at once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import yaml

Value = TypeVar("Value")


class Faults:
    """What is wrong in one file, each as "file: where: what is wrong"."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self.found: list[str] = []

    def add(self, where: str, what: str) -> None:
        self.found.append(f"{self.file_name}: {where}: {what}")


class Fields:
    """One mapping of a data file. Each reader gives a usable value even where it notes a fault."""

    def __init__(self, data: object, where: str, faults: Faults, known: Collection[str]) -> None:
        self.where, self.faults = where, faults
        self.data: Mapping[Any, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            faults.add(where or "the file", "names and values expected here")
        for name in self.data:
            if name not in known:
                self.fault(str(name), "nothing of this name is known here")

    def path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def fault(self, name: str, what: str) -> None:
        self.faults.add(self.path(name), what)

    def text(self, name: str) -> str:
        """A text that has to be there."""
        value = self.optional_text(name)
        if not value and self.data.get(name) in (None, ""):
            self.fault(name, "a text is missing here")
        return value

    def optional_text(self, name: str) -> str:
        """A text, or "" where the file has none."""
        value = self._of_type(name, str, "a text expected here")
        if value is not None and not value.strip():
            self.fault(name, "the text is empty")
        return (value or "").strip()

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number that has to be there."""
        if self.data.get(name) is None:
            self.fault(name, "a whole number is missing here")
        return self.optional_number(name, least, most) or least

    def optional_number(self, name: str, least: int, most: int) -> int | None:
        value = self._of_type(name, int, "a whole number expected here")
        if value is not None and not least <= value <= most:
            self.fault(name, f"{value} is not between {least} and {most}")
        return value

    def optional_date(self, name: str) -> date | None:
        value = self._of_type(name, date, "a date expected here, such as 2026-11-18")
        if isinstance(value, datetime):
            self.fault(name, "a date without a time expected here, such as 2026-11-18")
        return value

    def yes_or_no(self, name: str) -> bool:
        if self.data.get(name) is None:
            self.fault(name, "true or false is missing here")
        return bool(self._of_type(name, bool, "true or false expected here"))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where the file has none."""
        values = self.data.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.fault(name, "a list of texts expected here")
            return ()
        return tuple(values)

    def named_texts(self, name: str) -> dict[str, str]:
        """Name -> text; empty where the file has none."""
        values = self.data.get(name)
        if values is None:
            return {}
        pairs = values.items() if isinstance(values, dict) else [(None, None)]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            self.fault(name, "names with a text each expected here")
            return {}
        return dict(values)

    def part(self, name: str, known: Collection[str]) -> "Fields":
        """A mapping inside this one; one that is missing is a fault."""
        return Fields(self.data.get(name), self.path(name), self.faults, known)

    def parts(self, name: str, known: Collection[str]) -> Iterator["Fields"]:
        """Each mapping of a list inside this one."""
        values = self.data.get(name)
        if not isinstance(values, list):
            if values is not None:
                self.fault(name, "a list expected here")
            return
        for place, value in enumerate(values, start=1):
            yield Fields(value, f"{self.path(name)}[{place}]", self.faults, known)

    def _of_type(self, name: str, wanted: Callable[..., Value], what: str) -> Value | None:
        value = self.data.get(name)
        if value is None:
            return None
        is_wanted = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))  # type: ignore[arg-type]
        if not is_wanted:
            self.fault(name, f"{what}, not {value!r}")
            return None
        return value  # type: ignore[no-any-return]


class _OneOfEachName(yaml.SafeLoader):
    """YAML where the same name twice in one place is a mistake, instead of the last one silently winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for name_node, _ in node.value:
            name = str(name_node.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the name {name!r} stands here twice", name_node.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def read_yaml(text: str, faults: Faults) -> object:
    """The data in a YAML text; None with a noted fault, by line, if it cannot be read."""
    try:
        return yaml.load(text, Loader=_OneOfEachName)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(f"line {line}", f"not readable as YAML: {error.problem or error}")
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        faults.add("the file", f"not readable as YAML: {error}")
    return None
