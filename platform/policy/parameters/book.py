"""Finding the parameter in force: narrowest region first, then the latest day (domain 4.10)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from kernel.errors import Refused
from policy.parameters.files import ParameterFileError, read_definitions, read_values
from policy.parameters.model import Definition, Parameter, Value

SHIPPED = Path(__file__).parent


class ParameterBook:
    """Every known parameter, looked up by name, region and day. It never changes."""

    def __init__(
        self,
        parameters: Iterable[Parameter],
        definitions: Mapping[str, Definition],
        settled: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self._definitions = definitions
        self._settled = settled
        self._entries: dict[tuple[str, str], list[Parameter]] = {}
        for parameter in parameters:
            self._entries.setdefault((parameter.name, parameter.region), []).append(parameter)
        for entries in self._entries.values():
            entries.sort(key=lambda entry: entry.in_force_from, reverse=True)

    @classmethod
    def load(cls, deployment: Path | None = None) -> "ParameterBook":
        """The shipped parameters and those of the ``deployment`` directory.

        A deployment's entry with the id of a shipped one (same name, region and version) takes its
        place. Raises ``ParameterFileError`` naming file and key.
        """
        definitions = read_definitions(SHIPPED / "definitions.yaml")
        parameters = _read_directory(SHIPPED / "values", definitions)
        settled: frozenset[tuple[str, str]] = frozenset()
        if deployment is not None:
            own = _read_directory(deployment, definitions)
            settled = frozenset(
                (entry.name, entry.region) for entry in own.values() if not entry.sample
            )
            parameters = parameters | own
        _refuse_same_day(parameters.values(), deployment or SHIPPED)
        return cls(parameters.values(), definitions, settled)

    def lookup(self, name: str, *, region_chain: Sequence[str], on: date) -> Parameter:
        """The parameter in force on a day in the first region of the chain that has one.

        ``region_chain``: codes from the narrowest region to the widest, then "CN".
        Raises ``Refused("parameter_missing")`` naming the parameter; never answers 0 for it.
        """
        if name not in self._definitions:
            raise Refused("parameter_unknown", f"没有名为 {name} 的政策参数")
        for region in region_chain:
            for entry in self._entries.get((name, region), ()):
                if entry.in_force_from <= on:
                    return entry
        raise Refused(
            "parameter_missing",
            f"缺少政策参数“{self._definitions[name].title}”（{name}），"
            f"地区 {'、'.join(region_chain) or '未给出'}，日期 {on.isoformat()}",
        )

    def samples(self) -> list[Parameter]:
        """Sample values that no deployment file has settled (same name and same region)."""
        return self._unsettled(lambda entry: entry.sample)

    def undated(self) -> list[Parameter]:
        """Values in use from an assumed day, whose real day somebody must enter."""
        return self._unsettled(lambda entry: entry.assumed_from is not None)

    def with_value(
        self, name: str, region: str, value: Value, *, from_day: date
    ) -> "ParameterBook":
        """A copy in which ``name`` has another value in one region from a day: for "what if"."""
        definition = self._definitions[name]
        changed = Parameter(
            id=f"{name}@{region}#what-if",
            name=name,
            title=definition.title,
            unit=definition.unit,
            region=region,
            value=value,
            effective_from=from_day,
            assumed_from=None,
            source="what-if",
            clause="",
            note="",
            sample=True,
        )
        return ParameterBook([*self._all(), changed], self._definitions, self._settled)

    def without(self, name: str) -> "ParameterBook":
        """A copy that has no value of ``name`` anywhere."""
        kept = [entry for entry in self._all() if entry.name != name]
        return ParameterBook(kept, self._definitions, self._settled)

    def __iter__(self) -> Iterator[Parameter]:
        """Every entry, of every region and version."""
        return iter(self._all())

    def _all(self) -> list[Parameter]:
        return [entry for entries in self._entries.values() for entry in entries]

    def _unsettled(self, wanted: Callable[[Parameter], bool]) -> list[Parameter]:
        found = [
            entry
            for entry in self._all()
            if wanted(entry) and (entry.name, entry.region) not in self._settled
        ]
        return sorted(found, key=lambda entry: entry.id)


def _read_directory(directory: Path, definitions: Mapping[str, Definition]) -> dict[str, Parameter]:
    """Every entry of the directory's YAML files by id."""
    if not directory.is_dir():
        raise ParameterFileError(directory, "（目录）", "目录不存在")
    found: dict[str, Parameter] = {}
    for file in sorted(directory.glob("*.yaml")):
        for parameter in read_values(file, definitions):
            if parameter.id in found:
                raise ParameterFileError(file, parameter.id, "同一地区同一版本写了两次")
            found[parameter.id] = parameter
    return found


def _refuse_same_day(parameters: Iterable[Parameter], directory: Path) -> None:
    """Two values from one day in one region: nobody could say which is in force."""
    seen: dict[tuple[str, str, date], str] = {}
    for entry in parameters:
        key = (entry.name, entry.region, entry.in_force_from)
        if key in seen:
            raise ParameterFileError(
                directory,
                entry.id,
                f"与 {seen[key]} 同地区同日生效，请改日期或写相同的 version",
            )
        seen[key] = entry.id
